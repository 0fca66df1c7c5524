using System.Buffers;
using Parquet;
using Parquet.Schema;

namespace ServingSim.Experiments.Results;

/// <summary>A column of numbers or flags.</summary>
internal sealed class ParquetValues<TRow, T>(
    DataField column, FieldOf<TRow, T> of, Func<ParquetRowGroupWriter, DataField, ReadOnlyMemory<T>, Task> write)
    : IParquetColumn<TRow>
{
    private readonly ArrayBufferWriter<T> _values = new();

    /// <inheritdoc/>
    public DataField Field => column;

    /// <inheritdoc/>
    public bool Add(in TRow row)
    {
        _values.GetSpan(1)[0] = of(row);
        _values.Advance(1);
        return false;
    }

    /// <inheritdoc/>
    public Task WriteTo(ParquetRowGroupWriter group) => write(group, column, _values.WrittenMemory);

    /// <inheritdoc/>
    public void Clear() => _values.ResetWrittenCount();
}
