using Parquet;
using Parquet.Schema;

namespace ServingSim.Experiments.Results;

/// <summary>Holds a column's fields until a row group is full.</summary>
internal interface IParquetColumn<TRow>
{
    /// <summary>Its name and type.</summary>
    DataField Field { get; }

    /// <summary>Holds the field of one more row; true where that is enough for a row group.</summary>
    bool Add(in TRow row);

    /// <summary>Writes the fields held.</summary>
    Task WriteTo(ParquetRowGroupWriter group);

    /// <summary>Forgets the fields held.</summary>
    void Clear();
}
