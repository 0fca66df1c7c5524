using Parquet;
using Parquet.Schema;

namespace ServingSim.Experiments.Results;

/// <summary>A column of texts; an empty one is null.</summary>
internal sealed class ParquetTexts<TRow>(DataField column, FieldOf<TRow, string> of) : IParquetColumn<TRow>
{
    /// <summary>Steps may tell of a thousand requests each, and memory must not grow with that.</summary>
    private const int MostCharacters = 1 << 23;

    private readonly List<string?> _texts = [];
    private long _characters;

    /// <inheritdoc/>
    public DataField Field => column;

    /// <inheritdoc/>
    public bool Add(in TRow row)
    {
        string text = of(row);
        _texts.Add(text.Length == 0 ? null : text);
        _characters += text.Length;
        return _characters >= MostCharacters;
    }

    /// <inheritdoc/>
    public Task WriteTo(ParquetRowGroupWriter group) => group.WriteAsync(column, _texts);

    /// <inheritdoc/>
    public void Clear()
    {
        _texts.Clear();
        _characters = 0;
    }
}
