using System.Buffers.Text;
using System.Globalization;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a CSV file of one's own: columns <c>arrival_s</c>, <c>prompt_tokens</c>, <c>output_tokens</c> and, where the
/// file has them and a row fills them, <c>session</c> and <c>tenant</c> (labels), <c>prefix</c> (GROUP:TOKENS: the
/// prompt's first tokens are those of a group that shares them, told by a number) and <c>priority</c>.
/// </summary>
internal sealed class PlainRows(FilePath path) : ITraceRows
{
    /// <summary>The columns that a file must have.</summary>
    internal static readonly string[] Columns = ["arrival_s", "prompt_tokens", "output_tokens"];

    private const decimal MaxSeconds = 92_000_000;
    private const int Session = 3;
    private const int Prefix = 4;
    private const int Priority = 5;
    private const int Tenant = 6;

    private readonly TraceCsv _csv = new(path, Columns, "session", "prefix", "priority", "tenant");

    /// <inheritdoc/>
    public string File => _csv.File;

    /// <inheritdoc/>
    public TraceFacts Facts =>
        (_csv.Has(Session) ? TraceFacts.Session : TraceFacts.None)
        | (_csv.Has(Prefix) ? TraceFacts.Prefix : TraceFacts.None)
        | (_csv.Has(Priority) ? TraceFacts.Priority : TraceFacts.None)
        | (_csv.Has(Tenant) ? TraceFacts.Tenant : TraceFacts.None);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Unread => _csv.Unread;

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
        int promptTokens = _csv.ReadPromptTokens(1, outputTokens);
        row = new TraceRow(_csv.Line, recorded, promptTokens, outputTokens)
        {
            Names = new RowNames(Session: ReadLabel(Session), Tenant: ReadLabel(Tenant)),
            Beginning = ReadPrefix(promptTokens),
            Priority = ReadPriority(),
        };
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    private SimTime ReadTime()
    {
        if (!decimal.TryParse(_csv.Span(0), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds)
            || seconds is < 0 or > MaxSeconds)
        {
            _csv.Refuse(0, "seconds from 0 to 92000000");
        }

        return new SimTime((long)Math.Round(seconds * SimTime.TicksPerSecond));
    }

    private string? ReadLabel(int column) => _csv.Span(column).IsEmpty ? null : _csv.ReadName(column);

    private TokenSegment[]? ReadPrefix(int promptTokens)
    {
        ReadOnlySpan<byte> text = _csv.Span(Prefix);
        if (text.IsEmpty)
        {
            return null;
        }

        int colon = Math.Max(text.IndexOf((byte)':'), 0);
        bool isPrefix = Utf8Parser.TryParse(text, out long group, out int used) && used == colon;
        isPrefix &= Utf8Parser.TryParse(text[(colon + 1)..], out int tokens, out used);
        if (!isPrefix || used != text.Length - colon - 1 || group < 0 || tokens < 1 || tokens > promptTokens)
        {
            _csv.Refuse(Prefix, $"GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens ({promptTokens}) tokens");
        }

        return [new TokenSegment(TokenStream.Shared(group), tokens)];
    }

    private int ReadPriority()
    {
        ReadOnlySpan<byte> text = _csv.Span(Priority);
        if (text.IsEmpty)
        {
            return 0;
        }

        if (!Utf8Parser.TryParse(text, out int priority, out int used) || used != text.Length)
        {
            _csv.Refuse(Priority, "a whole number; lower is more urgent");
        }

        return priority;
    }
}
