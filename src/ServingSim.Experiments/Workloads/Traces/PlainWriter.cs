using CsvHelper;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Writes a CSV file as <see cref="PlainRows"/> reads it, with those of the optional columns that the source can fill.
/// </summary>
internal sealed class PlainWriter : ITraceWriter
{
    private static readonly (TraceFacts Fact, string Column)[] Optional =
    [
        (TraceFacts.Session, "session"), (TraceFacts.Prefix, "prefix"), (TraceFacts.Priority, "priority"),
        (TraceFacts.Tenant, "tenant"),
    ];

    private readonly CsvWriter _csv;
    private readonly TraceFacts _held;

    internal PlainWriter(Stream stream, TraceFacts source)
    {
        var columns = Optional.Where(o => source.HasFlag(o.Fact)).ToArray();
        _held = columns.Aggregate(TraceFacts.None, (held, column) => held | column.Fact);
        _csv = CsvFields.Open(stream, [.. PlainRows.Columns, .. columns.Select(c => c.Column)]);
    }

    /// <inheritdoc/>
    public TraceFacts Write(in TraceRow row)
    {
        CsvFields.Shortest(_csv, row.Recorded);
        _csv.WriteField(row.PromptTokens, default);
        _csv.WriteField(row.OutputTokens, default);
        WriteOptional(TraceFacts.Session, row.Names.Session);
        WriteOptional(TraceFacts.Prefix, row.Prefix is { } prefix ? $"{prefix.Group}:{prefix.Tokens}" : null);
        WriteOptional(TraceFacts.Priority, row.Priority == 0 ? null : $"{row.Priority}");
        WriteOptional(TraceFacts.Tenant, row.Names.Tenant);
        _csv.EndRecord();
        return row.Facts & ~_held;
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    private void WriteOptional(TraceFacts column, string? value)
    {
        if (_held.HasFlag(column))
        {
            _csv.WriteField(value);
        }
    }
}
