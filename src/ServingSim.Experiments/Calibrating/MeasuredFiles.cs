using System.Globalization;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Reads the measurements of a calibration, all that is wrong with them at once.</summary>
internal sealed class MeasuredFiles(string folder, ErrorList errors)
{
    /// <summary>More wrong fields of a file than these say nothing new.</summary>
    private const int MostErrors = 10;

    /// <summary>The SHA-256 of each file read, in hexadecimal, by its index.</summary>
    internal Dictionary<int, string> Sha256Of { get; } = [];

    /// <summary>The rows of a file that pass its filters.</summary>
    internal IReadOnlyList<MeasuredRow> Read(int index, MeasuredFile file)
    {
        string? path = Paths.Resolve(folder, file.File);
        if (!File.Exists(path))
        {
            Add(file, 0, "no such file; expected one below the folder of the data (--data)");
            return [];
        }

        try
        {
            MeasuredTable table = MeasuredTable.Read(new FilePath(path, file.File));
            Sha256Of[index] = table.Sha256;
            return Rows(index, file, table);
        }
        catch (TraceException e)
        {
            errors.Add(new ConfigOrigin(file.File, folder, (int)(e.Line ?? 0), 0), "", e.Problem);
        }

        return [];
    }

    private List<MeasuredRow> Rows(int index, MeasuredFile file, MeasuredTable table)
    {
        string[] headers = [.. table.Columns];
        string[] mapped = [.. headers, .. file.Columns.Keys];
        mapped = mapped.Any(MeasuredColumns.UnitsOfMs.ContainsKey) ? [.. mapped, "ms"] : mapped;
        if ((file.Shape ?? MeasuredColumns.Recognise(mapped)) is not { } shape)
        {
            Add(file, 1, $"found columns {string.Join(", ", headers)}, expected those of a shape: " + string.Join(
                "; ", Enum.GetValues<MeasuredShape>().Select(s =>
                    $"{Names.Kebab(s.ToString())} ({string.Join(", ", MeasuredColumns.Required(s))})")));
            return [];
        }

        var columns = ColumnsOf(file, shape, headers);
        (int Field, string Column, IReadOnlyList<string> Values)[] filters =
            [.. file.Where.Select(f => (Array.IndexOf(headers, f.Key), f.Key, f.Value))];
        foreach (var (_, column, _) in filters.Where(f => f.Field < 0))
        {
            Add(file, 1, $"no column {Names.Quote(column)} to filter by{Names.Known(column, headers)}");
        }

        if (columns is null || filters.Any(f => f.Field < 0))
        {
            return [];
        }

        List<MeasuredRow> rows = [];
        int wrong = 0;
        foreach (var row in table.Rows.Where(row => filters.All(f => f.Values.Contains(row.Values[f.Field]))))
        {
            if (ValuesOf(file, row.Line, row.Values, columns) is { } values)
            {
                rows.Add(new MeasuredRow(index, shape, row.Hash, values));
            }
            else if (++wrong == MostErrors)
            {
                break;
            }
        }

        if (rows.Count == 0 && wrong == 0)
        {
            Add(file, 0, "no row passes the filters; expected some");
        }

        return rows;
    }

    /// <summary>Where each column's number stands in a row, or what it is in all; null with errors added.</summary>
    private Dictionary<string, SourceColumn>? ColumnsOf(MeasuredFile file, MeasuredShape shape, string[] headers)
    {
        IReadOnlyList<string> required = MeasuredColumns.Required(shape);
        string[] all = [.. required, .. MeasuredColumns.Optional(shape)];
        string[] known = required.Contains("ms") ? [.. all, .. MeasuredColumns.UnitsOfMs.Keys] : all;
        bool isRight = true;
        foreach (string unknown in file.Columns.Keys.Except(known))
        {
            Add(file, 1, $"{Names.Kebab(shape.ToString())} have no column {Names.Quote(unknown)}"
                + Names.Known(unknown, known));
            isRight = false;
        }

        Dictionary<string, SourceColumn> columns = [];
        foreach (string column in all)
        {
            string unit = column == "ms" && !file.Columns.ContainsKey("ms")
                ? MeasuredColumns.UnitsOfMs.Keys.FirstOrDefault(
                    u => file.Columns.ContainsKey(u) || headers.Contains(u), column)
                : column;
            string source = file.Columns.GetValueOrDefault(unit, unit);
            int field = Array.IndexOf(headers, source);
            bool isConstant = double.TryParse(source, NumberStyles.Float, CultureInfo.InvariantCulture, out double is_);
            if (field < 0 && !isConstant && (required.Contains(column) || file.Columns.ContainsKey(column)))
            {
                Add(file, 1, $"no column {Names.Quote(source)} for {column}{Names.Known(source, headers)}");
                isRight = false;
            }

            columns[column] = new SourceColumn(
                field, isConstant ? is_ : double.NaN, MeasuredColumns.UnitsOfMs.GetValueOrDefault(unit, 1));
        }

        return isRight ? columns : null;
    }

    private Dictionary<string, double>? ValuesOf(
        MeasuredFile file, long line, IReadOnlyList<string> fields, Dictionary<string, SourceColumn> columns)
    {
        Dictionary<string, double> values = [];
        bool isRight = true;
        foreach ((string column, (int field, double constant, double unit)) in columns)
        {
            values[column] = constant * unit;
            if (field < 0)
            {
                continue;
            }

            string text = fields[field];
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                || !(value >= 0 && double.IsFinite(value)))
            {
                Add(file, line, $"{column} is {Names.Quote(text)}; expected a number, 0 or more");
                isRight = false;
            }

            values[column] = value * unit;
        }

        return isRight ? values : null;
    }

    /// <summary>Where a column's numbers come from.</summary>
    /// <param name="Field">The field of a row; below 0 where it is in none.</param>
    /// <param name="Constant">What it is in all rows then; NaN where there is none.</param>
    /// <param name="Unit">What a number of the file is worth in the column's own unit.</param>
    private readonly record struct SourceColumn(int Field, double Constant, double Unit);

    private void Add(MeasuredFile file, long line, string message) =>
        errors.Add(new ConfigOrigin(file.File, folder, (int)line, 0), "", message);
}
