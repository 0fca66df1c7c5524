using Parquet.Schema;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// What a result file says of a row: its columns from left to right, for CSV and Parquet alike. A field that is empty
/// in CSV is null in Parquet, and a number there is the one that CSV writes, rounded as it is.
/// </summary>
internal sealed class Table<TRow>
{
    private const int DigitsOfTicks = 19;

    private readonly string _name;

    /// <summary>A table without columns.</summary>
    /// <param name="name">The file's name without its ending.</param>
    internal Table(string name)
        : this(name, [])
    {
    }

    private Table(string name, IReadOnlyList<Column<TRow>> columns) => (_name, Columns) = (name, columns);

    /// <summary>The columns, from left to right.</summary>
    internal IReadOnlyList<Column<TRow>> Columns { get; }

    /// <summary>Starts the table's files; whoever writes them closes them.</summary>
    internal IRowWriter<TRow> Open(ResultFolder folder, TableFormat format) => format switch
    {
        TableFormat.Csv => OpenCsv(folder),
        TableFormat.Parquet => OpenParquet(folder),
        _ => new BothWriters<TRow>(OpenCsv(folder), OpenParquet(folder)),
    };

    /// <summary>Adds a whole number, of 64 bits in Parquet.</summary>
    internal Table<TRow> Integer(string name, FieldOf<TRow, long> of) => With(
        name,
        (csv, in row) => csv.WriteField(of(row), default),
        () => new ParquetValues<TRow, long>(new DataField<long>(name), of, (g, f, v) => g.WriteAsync(f, v)));

    /// <summary>Adds seconds (or a mean), rounded to so many decimals, at most 9; a double in Parquet.</summary>
    internal Table<TRow> Fixed(string name, int decimals, FieldOf<TRow, double?> of) => With(
        name,
        (csv, in row) => CsvFields.Fixed(csv, of(row), decimals),
        () => new ParquetValues<TRow, double?>(
            new DataField<double?>(name),
            (in row) => CsvFields.Rounded(of(row), decimals),
            (g, f, v) => g.WriteAsync<double>(f, v)));

    /// <summary>Adds a number with as many digits as it takes to read it back; a double in Parquet.</summary>
    internal Table<TRow> Number(string name, FieldOf<TRow, double?> of) => With(
        name,
        (csv, in row) => CsvFields.Shortest(csv, of(row)),
        () => new ParquetValues<TRow, double?>(
            new DataField<double?>(name), of, (g, f, v) => g.WriteAsync<double>(f, v)));

    /// <summary>Adds seconds with all 11 decimals of a tick; a decimal in Parquet.</summary>
    internal Table<TRow> Exact(string name, FieldOf<TRow, SimTime> of) => With(
        name,
        (csv, in row) => CsvFields.Exact(csv, of(row)),
        () => new ParquetValues<TRow, decimal>(
            new DecimalDataField(name, DigitsOfTicks, CsvFields.DecimalsOfTick, isNullable: false),
            (in row) => (decimal)of(row).Ticks / SimTime.TicksPerSecond,
            (g, f, v) => g.WriteAsync(f, v)));

    /// <summary>Adds a flag: 1 or 0 in CSV, a Boolean in Parquet.</summary>
    internal Table<TRow> Flag(string name, FieldOf<TRow, bool?> of) => With(
        name,
        (csv, in row) => CsvFields.Flag(csv, of(row)),
        () => new ParquetValues<TRow, bool?>(
            new DataField<bool?>(name), of, (g, f, v) => g.WriteAsync<bool>(f, v)));

    /// <summary>Adds text; none is empty in CSV.</summary>
    internal Table<TRow> Text(string name, FieldOf<TRow, string> of) => With(
        name,
        (csv, in row) => csv.WriteField(of(row)),
        () => new ParquetTexts<TRow>(new DataField<string>(name), of));

    private Table<TRow> With(string name, FieldToCsv<TRow> toCsv, Func<IParquetColumn<TRow>> toParquet) =>
        new(_name, [.. Columns, new Column<TRow>(name, toCsv, toParquet)]);

    private CsvRows<TRow> OpenCsv(ResultFolder folder) => new(folder.OpenFile(_name + ".csv"), this);

    private ParquetRows<TRow> OpenParquet(ResultFolder folder) => new(folder.OpenFile(_name + ".parquet"), this);
}
