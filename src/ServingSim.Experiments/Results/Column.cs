using CsvHelper;

namespace ServingSim.Experiments.Results;

/// <summary>One column of a <see cref="Table{TRow}"/>.</summary>
/// <param name="Name">What its header says.</param>
/// <param name="ToCsv">Writes the field of a row.</param>
/// <param name="ToParquet">Makes what holds the fields of a row group.</param>
internal sealed record Column<TRow>(string Name, FieldToCsv<TRow> ToCsv, Func<IParquetColumn<TRow>> ToParquet);

/// <summary>The field of a row.</summary>
internal delegate T FieldOf<TRow, T>(in TRow row);

/// <summary>Writes the field of a row.</summary>
internal delegate void FieldToCsv<TRow>(CsvWriter csv, in TRow row);
