using CsvHelper;

namespace ServingSim.Experiments.Results;

/// <summary>Writes a table as CSV; see <see cref="CsvFields"/>.</summary>
internal sealed class CsvRows<TRow> : IRowWriter<TRow>
{
    private readonly CsvWriter _csv;
    private readonly FieldToCsv<TRow>[] _fields;

    /// <summary>Starts a file with its header; owns the stream.</summary>
    internal CsvRows(Stream stream, Table<TRow> table)
    {
        _csv = CsvFields.Open(stream, [.. table.Columns.Select(c => c.Name)]);
        _fields = [.. table.Columns.Select(c => c.ToCsv)];
    }

    /// <inheritdoc/>
    public void Write(in TRow row)
    {
        foreach (FieldToCsv<TRow> field in _fields)
        {
            field(_csv, row);
        }

        _csv.EndRecord();
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();
}
