using System.Buffers.Text;
using System.Globalization;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a CSV file of one's own: columns <c>arrival_s</c>, <c>prompt_tokens</c>, <c>output_tokens</c> and, where the
/// file has them and a row fills them, <c>session</c> and <c>tenant</c> (labels), <c>prefix</c> (GROUP:TOKENS: the
/// prompt's first tokens are those of a group that shares them, told by a number) and <c>priority</c>.
/// </summary>
internal sealed class PlainRows(FilePath path, Labels labels) : ITraceRows
{
    private const decimal MaxSeconds = 92_000_000;
    private const int Session = 3;
    private const int Prefix = 4;
    private const int Priority = 5;
    private const int Tenant = 6;

    private readonly TraceCsv _csv = new(
        path, ["arrival_s", "prompt_tokens", "output_tokens"], "session", "prefix", "priority", "tenant");
    private readonly RowLabels _labels = new("session", "tenant", labels);

    /// <inheritdoc/>
    public string File => _csv.File;

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
        row = new TraceRow(
            _csv.Line, recorded, promptTokens, outputTokens, _labels.Of(ReadLabel(Session), ReadLabel(Tenant)))
        {
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
