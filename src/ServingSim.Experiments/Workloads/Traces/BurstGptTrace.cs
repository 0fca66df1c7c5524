using System.Buffers.Text;
using System.Globalization;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a BurstGPT file row by row, in file order: columns by name, in any order, with others beside them (BurstGPT_3
/// inserts "Session ID" and "Elapsed time"), any line ends, timestamps as "5", "5.0" or, in files that others wrote,
/// "5.25". A row that cannot be understood ends the reading with a <see cref="TraceException"/>; none is skipped.
/// </summary>
public sealed class BurstGptTrace : IDisposable
{
    /// <summary>The last second that fits the simulation's clock.</summary>
    private const long MaxSecond = 92_000_000;

    private const int SessionId = 5;
    private const int Elapsed = 6;
    private const int Total = 7;

    /// <summary>The services of the published files.</summary>
    private static readonly string[] KnownLogTypes = ["Conversation log", "API log"];

    /// <summary>The columns that a file must have.</summary>
    internal static readonly string[] Columns =
        ["Timestamp", "Model", "Request tokens", "Response tokens", "Log Type"];

    private readonly TraceCsv _csv;
    private readonly FilePath _path;
    private readonly List<string> _logTypes = [];
    private BurstGptRow? _newLogType;

    private BurstGptTrace(FilePath path)
    {
        _path = path;
        _csv = new TraceCsv(path, Columns, "Session ID", "Elapsed time", "Total tokens");
    }

    /// <summary>The file, as the user named it.</summary>
    public string File => _csv.File;

    /// <summary>Whether rows carry a session and an elapsed time, as in BurstGPT_3.</summary>
    public bool HasSessions => _csv.Has(SessionId);

    /// <summary>What rows may tell beside their time and lengths.</summary>
    internal TraceFacts Facts => TraceFacts.Model | TraceFacts.LogType
        | (HasSessions ? TraceFacts.Session : TraceFacts.None)
        | (_csv.Has(Elapsed) ? TraceFacts.ElapsedTime : TraceFacts.None);

    /// <summary>Columns that no row tells of.</summary>
    internal IReadOnlyCollection<string> Unread => _csv.Unread;

    /// <summary>The conversation of the row read last; null where it has none.</summary>
    internal string? Session => _csv.Span(SessionId).IsEmpty ? null : _csv.ReadName(SessionId);

    /// <summary>The elapsed time of the row read last, as the file writes it; null where it has none.</summary>
    internal string? ElapsedTime => _csv.Span(Elapsed).IsEmpty ? null : _csv.ReadText(Elapsed);

    /// <summary>Opens a file and finds its columns.</summary>
    public static BurstGptTrace Open(FilePath path) => new(path);

    /// <summary>Reads the next row; false at the end of the file.</summary>
    public bool TryRead(out BurstGptRow row)
    {
        row = default;
        if (!_csv.TryRead())
        {
            CheckEnd();
            return false;
        }

        (long second, SimTime fraction) = ReadTime();
        (string model, string logType) = (_csv.ReadName(1), _csv.ReadName(4));
        int outputTokens = _csv.ReadTokens(3);
        row = new BurstGptRow(
            _csv.Line, second, model, logType, _csv.ReadPromptTokens(2, outputTokens), outputTokens)
        {
            Fraction = fraction,
        };
        CheckTotal(row);
        bool isNew = !_logTypes.Contains(logType);
        _newLogType = isNew ? row : null;
        if (isNew)
        {
            _logTypes.Add(logType);
        }

        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _csv.Dispose();

    /// <summary>In the published files the total is the sum on every row.</summary>
    private void CheckTotal(in BurstGptRow row)
    {
        long total = (long)row.PromptTokens + row.OutputTokens;
        if (_csv.Has(Total) && (!Utf8Parser.TryParse(_csv.Span(Total), out long found, out int used)
            || used != _csv.Span(Total).Length || found != total))
        {
            _csv.Refuse(Total, $"{total}, the sum of request and response tokens");
        }
    }

    /// <summary>
    /// A last row whose service no other row has, whose name is the beginning of a known one and after which no line
    /// ends is the rest of a file that was cut.
    /// </summary>
    private void CheckEnd()
    {
        if (_newLogType is { } last
            && KnownLogTypes.Concat(_logTypes.SkipLast(1)).FirstOrDefault(
                known => known.Length > last.LogType.Length
                    && known.StartsWith(last.LogType, StringComparison.Ordinal)) is { } whole
            && !TraceFile.EndsWithLineEnd(_path))
        {
            throw new TraceException(
                File, last.Line,
                $"the file is truncated: it ends in '{last.LogType}' without a line end; expected '{whole}'");
        }
    }

    private (long Second, SimTime Fraction) ReadTime()
    {
        ReadOnlySpan<byte> text = _csv.Span(0);
        if (Utf8Parser.TryParse(text, out long second, out int used) && used == text.Length
            && second is >= 0 and <= MaxSecond)
        {
            return (second, SimTime.Zero);
        }

        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds)
            || seconds is < 0 or > MaxSecond)
        {
            _csv.Refuse(0, "seconds from 0 to 92000000, as in '5', '5.0' or '5.25'");
        }

        long ticks = (long)Math.Round(seconds * SimTime.TicksPerSecond);
        return (ticks / SimTime.TicksPerSecond, new SimTime(ticks % SimTime.TicksPerSecond));
    }
}
