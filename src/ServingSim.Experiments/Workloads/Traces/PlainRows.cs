using System.Buffers.Text;
using System.Globalization;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a CSV file of one's own: columns <c>arrival_s</c>, <c>prompt_tokens</c>, <c>output_tokens</c> and, where the
/// file has them and a row fills them, <c>session</c> and <c>tenant</c> (labels), <c>prefix</c> (GROUP:TOKENS: the
/// prompt's first tokens are those of a group that shares them, told by a number) and <c>priority</c>. Two more are
/// read only where they are named: <c>prompt_id</c> (rows with the same number have the same prompt) and
/// <c>shared_tokens</c> (so many of the prompt's first tokens an earlier prompt had too).
/// </summary>
internal sealed class PlainRows : ITraceRows
{
    /// <summary>The columns that a file must have.</summary>
    internal static readonly string[] Columns = ["arrival_s", "prompt_tokens", "output_tokens"];

    /// <summary>Columns that tell what a prompt begins with.</summary>
    internal static readonly string[] Beginnings = ["prefix", "prompt_id", "shared_tokens"];

    private static readonly string[] Optional = ["session", "prefix", "priority", "tenant"];

    private const decimal MaxSeconds = 92_000_000;

    private readonly TraceCsv _csv;
    private readonly int _session;
    private readonly int _prefix;
    private readonly int _priority;
    private readonly int _tenant;
    private readonly int? _promptId;
    private readonly int? _sharedTokens;
    private readonly SharedBeginnings _beginnings = new();

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">What the file calls columns of these; those it has to have. Null: as here.</param>
    internal PlainRows(FilePath path, IReadOnlyDictionary<string, string>? names = null)
    {
        string[] required = [.. Columns, .. Known.Except(Columns).Where(k => names?.ContainsKey(k) == true)];
        List<string> all = [.. required, .. Optional.Except(required)];
        _csv = new TraceCsv(
            path, [.. required.Select(k => names?.GetValueOrDefault(k) ?? k)], [.. all.Skip(required.Length)]);
        (_session, _prefix) = (all.IndexOf("session"), all.IndexOf("prefix"));
        (_priority, _tenant) = (all.IndexOf("priority"), all.IndexOf("tenant"));
        _promptId = all.Contains("prompt_id") ? all.IndexOf("prompt_id") : null;
        _sharedTokens = all.Contains("shared_tokens") ? all.IndexOf("shared_tokens") : null;
    }

    /// <summary>Every column that can be read.</summary>
    internal static IReadOnlyList<string> Known => [.. Columns, .. Optional.Union(Beginnings)];

    /// <inheritdoc/>
    public string File => _csv.File;

    /// <inheritdoc/>
    public TraceFacts Facts =>
        (_csv.Has(_session) ? TraceFacts.Session : TraceFacts.None)
        | (_csv.Has(_prefix) ? TraceFacts.Prefix : TraceFacts.None)
        | (_csv.Has(_priority) ? TraceFacts.Priority : TraceFacts.None)
        | (_csv.Has(_tenant) ? TraceFacts.Tenant : TraceFacts.None);

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
            Names = new RowNames(Session: ReadLabel(_session), Tenant: ReadLabel(_tenant)),
            Beginning = ReadBeginning(promptTokens),
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

    private TokenSegment[]? ReadBeginning(int promptTokens)
    {
        if (promptTokens == 0)
        {
            return null;
        }

        if (_promptId is { } column)
        {
            return [new TokenSegment(TokenStream.Shared(ReadId(column)), promptTokens)];
        }

        return _sharedTokens is { } shared ? ReadShared(shared, promptTokens) : ReadPrefix(promptTokens);
    }

    private long ReadId(int column)
    {
        ReadOnlySpan<byte> text = _csv.Span(column);
        if (!Utf8Parser.TryParse(text, out long id, out int used) || used != text.Length || id < 0)
        {
            _csv.Refuse(column, "a whole number that tells prompts apart");
        }

        return id;
    }

    private TokenSegment[] ReadShared(int column, int promptTokens)
    {
        int shared = _csv.ReadTokens(column);
        if (shared > promptTokens)
        {
            _csv.Refuse(column, $"at most prompt_tokens ({promptTokens})");
        }

        return _beginnings.Add(promptTokens, shared);
    }

    private TokenSegment[]? ReadPrefix(int promptTokens)
    {
        ReadOnlySpan<byte> text = _csv.Span(_prefix);
        if (text.IsEmpty)
        {
            return null;
        }

        int colon = Math.Max(text.IndexOf((byte)':'), 0);
        bool isPrefix = Utf8Parser.TryParse(text, out long group, out int used) && used == colon;
        isPrefix &= Utf8Parser.TryParse(text[(colon + 1)..], out int tokens, out used);
        if (!isPrefix || used != text.Length - colon - 1 || group < 0 || tokens < 1 || tokens > promptTokens)
        {
            _csv.Refuse(_prefix, $"GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens ({promptTokens}) tokens");
        }

        return [new TokenSegment(TokenStream.Shared(group), tokens)];
    }

    private int ReadPriority()
    {
        ReadOnlySpan<byte> text = _csv.Span(_priority);
        if (text.IsEmpty)
        {
            return 0;
        }

        if (!Utf8Parser.TryParse(text, out int priority, out int used) || used != text.Length)
        {
            _csv.Refuse(_priority, "a whole number; lower is more urgent");
        }

        return priority;
    }
}
