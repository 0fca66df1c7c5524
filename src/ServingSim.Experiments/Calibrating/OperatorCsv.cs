using System.Globalization;
using CsvHelper;
using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Reads tables of operators as <c>tools/profile</c> writes them.</summary>
public static class OperatorCsv
{
    private static readonly Dictionary<string, string[]> AxesOf = new()
    {
        ["gemm"] = ["m", "n", "k"],
        ["prefill_attention"] = ["kv_heads", "heads", "tokens", "batch"],
        ["decode_attention"] = ["kv_heads", "heads", "batch", "tokens"],
        ["all_reduce"] = ["gpus", "bytes"],
        ["launch"] = [],
    };

    /// <summary>The tables of a file; throws <see cref="TraceException"/>.</summary>
    /// <param name="file">The file.</param>
    /// <param name="gpus">Over how many GPUs a model is to be spread: more than one needs all-reduces.</param>
    public static OperatorTables Read(FilePath file, int gpus)
    {
        Dictionary<string, List<(double[] At, double Time)>> points = AxesOf.Keys.ToDictionary(
            name => name, _ => new List<(double[], double)>());
        using CsvReader csv = CsvReader.Create(
            TraceFile.Open(file),
            CsvReaderOptions.Default with { Separator = ',', TrackLineNumbers = true },
            leaveOpen: false);
        string[] columns = ["operator", .. AxesOf.Values.SelectMany(axes => axes).Distinct(), "ms"];
        string[] missing = [.. columns.Except(csv.Headers)];
        if (missing.Length > 0)
        {
            throw new TraceException(
                file.AsWritten, 1,
                $"lacks columns {string.Join(", ", missing)}; expected {string.Join(", ", columns)}");
        }

        while (csv.Read())
        {
            string name = Field("operator");
            if (!AxesOf.TryGetValue(name, out string[]? axes))
            {
                throw new TraceException(
                    file.AsWritten, csv.LineNumber,
                    $"no operator is named {Names.Quote(name)}{Names.Known(name, AxesOf.Keys)}");
            }

            points[name].Add(([.. axes.Select(Number)], Number("ms")));
        }

        foreach (string name in AxesOf.Keys)
        {
            if (points[name].Count == 0 && (name != "all_reduce" || gpus > 1))
            {
                throw new TraceException(file.AsWritten, null, $"holds no row of operator {name}; expected some");
            }
        }

        return new OperatorTables(
            new GridTable(points["gemm"]),
            new GridTable(points["prefill_attention"]),
            new GridTable(points["decode_attention"]),
            points["all_reduce"].Count == 0 ? null : new GridTable(points["all_reduce"]),
            points["launch"].Min(p => p.Time));

        string Field(string column) => csv.GetString(Array.IndexOf([.. csv.Headers], column));

        double Number(string column) =>
            double.TryParse(Field(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number >= 0 && double.IsFinite(number)
                ? number
                : throw new TraceException(
                    file.AsWritten, csv.LineNumber,
                    $"{column} is {Names.Quote(Field(column))}; expected a number, 0 or more");
    }
}
