using System.Buffers.Text;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a BurstGPT file row by row, in file order: columns by name, in any order, with others beside them (BurstGPT_3
/// inserts "Session ID" and "Elapsed time"), any line ends, timestamps as "5" or "5.0". A row that cannot be understood
/// ends the reading with a <see cref="TraceException"/>; none is skipped.
/// </summary>
public sealed class BurstGptTrace : IDisposable
{
    /// <summary>The last second that fits the simulation's clock.</summary>
    private const long MaxSecond = 92_000_000;

    private readonly TraceCsv _csv;

    private BurstGptTrace(TraceCsv csv) => _csv = csv;

    /// <summary>The file, as the user named it.</summary>
    public string File => _csv.File;

    /// <summary>Whether rows carry a session and an elapsed time, as in BurstGPT_3.</summary>
    public bool HasSessions => _csv.Has(5);

    /// <summary>Opens a file and finds its columns.</summary>
    public static BurstGptTrace Open(FilePath path) => new(new TraceCsv(
        path, ["Timestamp", "Model", "Request tokens", "Response tokens", "Log Type"], "Session ID"));

    /// <summary>Reads the next row; false at the end of the file.</summary>
    public bool TryRead(out BurstGptRow row)
    {
        row = default;
        if (!_csv.TryRead())
        {
            return false;
        }

        long second = ReadSecond();
        (string model, string logType) = (_csv.ReadName(1), _csv.ReadName(4));
        int outputTokens = _csv.ReadTokens(3);
        row = new BurstGptRow(
            _csv.Line, second, model, logType, _csv.ReadPromptTokens(2, outputTokens), outputTokens);
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _csv.Dispose();

    private long ReadSecond()
    {
        const string Expected = "whole seconds from 0 to 92000000, as in '5' or '5.0'";
        ReadOnlySpan<byte> text = _csv.Span(0);
        if (!Utf8Parser.TryParse(text, out long second, out int used) || used != text.Length)
        {
            bool isNumber = Utf8Parser.TryParse(text, out double seconds, out used) && used == text.Length;
            if (!isNumber || !(seconds is >= 0 and <= MaxSecond) || seconds != Math.Floor(seconds))
            {
                _csv.Refuse(0, Expected);
            }

            second = (long)seconds;
        }

        if (second is < 0 or > MaxSecond)
        {
            _csv.Refuse(0, Expected);
        }

        return second;
    }
}
