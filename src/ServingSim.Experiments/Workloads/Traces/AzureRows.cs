using System.Globalization;
using System.Text;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads an Azure LLM inference trace (Azure/AzurePublicDataset, 2023 and 2024): columns <c>TIMESTAMP</c>,
/// <c>ContextTokens</c>, <c>GeneratedTokens</c>. Its axis starts at the first row.
/// </summary>
internal sealed class AzureRows(FilePath path) : ITraceRows
{
    /// <summary>The columns that a file must have.</summary>
    internal static readonly string[] Columns = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"];

    private const long MaxSeconds = 92_000_000;

    /// <summary>More than any of <see cref="Formats"/> takes.</summary>
    private const int MostCharacters = 64;

    private static readonly string[] Formats = ["yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    private readonly TraceCsv _csv = new(path, Columns);

    /// <inheritdoc/>
    public string File => _csv.File;

    /// <inheritdoc/>
    public TraceFacts Facts => TraceFacts.None;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Unread => _csv.Unread;

    /// <summary>The first row's time, at which the axis starts; null before it is read.</summary>
    internal DateTimeOffset? First { get; private set; }

    /// <inheritdoc/>
    public bool TryRead(out TraceRow row)
    {
        row = default;
        if (!_csv.TryRead())
        {
            return false;
        }

        SimTime recorded = ReadTime();
        int outputTokens = _csv.ReadTokens(2);
        row = new TraceRow(_csv.Line, recorded, _csv.ReadPromptTokens(1, outputTokens), outputTokens);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    private SimTime ReadTime()
    {
        // What has no offset is taken as UTC
        Span<char> text = stackalloc char[MostCharacters];
        int length = Encoding.UTF8.TryGetChars(_csv.Span(0), text, out int written) ? written : 0;
        if (!DateTimeOffset.TryParseExact(
            text[..length], Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time))
        {
            _csv.Refuse(0, "a time as in '2023-11-16 18:17:03.9799600' or '2024-05-10 00:00:00.009930+00:00'");
        }

        TimeSpan since = time - (First ??= time);
        if (Math.Abs(since.TotalSeconds) > MaxSeconds)
        {
            _csv.Refuse(0, $"a time at most {MaxSeconds} seconds from the first row's");
        }

        return new SimTime(since.Ticks * (SimTime.TicksPerSecond / TimeSpan.TicksPerSecond));
    }
}
