using System.Globalization;
using CsvHelper;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
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

    /// <summary>
    /// The tables of a file for a model: of its products those of its weights' dtype, of its attention those of its
    /// head size and its KV cache's dtype, where the file tells them (columns dtype and head_dim). Throws
    /// <see cref="TraceException"/>.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="context">What the tables are for; more than one GPU needs all-reduces.</param>
    public static OperatorTables Read(FilePath file, LatencyContext context)
    {
        var points = AxesOf.Keys.ToDictionary(name => name, _ => new List<(double[] At, double Time)>());
        var others = AxesOf.Keys.ToDictionary(name => name, _ => new SortedSet<string>(StringComparer.Ordinal));
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
            string name = Field(csv, "operator")!;
            if (!AxesOf.TryGetValue(name, out string[]? axes))
            {
                throw new TraceException(
                    file.AsWritten, csv.LineNumber,
                    $"no operator is named {Names.Quote(name)}{Names.Known(name, AxesOf.Keys)}");
            }

            if (Misfit(csv, name, context) is { } misfit)
            {
                others[name].Add(misfit);
                continue;
            }

            points[name].Add(([.. axes.Select(axis => Number(file, csv, axis))], Number(file, csv, "ms")));
        }

        foreach (string name in AxesOf.Keys.Where(name => points[name].Count == 0))
        {
            if (name != "all_reduce" || context.Parallelism.Tp > 1)
            {
                string found = others[name].Count == 0 ? "" : $" but of {string.Join(", ", others[name])}";
                throw new TraceException(
                    file.AsWritten, null,
                    $"holds no row of operator {name}{found}; expected some{Wanted(name, context)}");
            }
        }

        ModelSpec model = context.Model;
        return new OperatorTables(
            OperatorTables.GemmTable(points["gemm"], model.WeightDtype, context.Gpu),
            OperatorTables.PrefillTable(
                points["prefill_attention"], model.HeadSize, context.KvCacheDtype, context.Gpu),
            OperatorTables.DecodeTable(points["decode_attention"], model.HeadSize, context.KvCacheDtype, context.Gpu),
            points["all_reduce"].Count == 0 ? null : OperatorTables.AllReduceTable(points["all_reduce"]),
            points["launch"].Min(p => p.Time));
    }

    /// <summary>What makes a row one of another model's operators; null where it is this one's.</summary>
    private static string? Misfit(CsvReader csv, string name, LatencyContext context)
    {
        if (Field(csv, "dtype") is { Length: > 0 } dtype
            && DtypesFor(name, context) is { } dtypes
            && !dtypes.Contains(dtype))
        {
            return dtype;
        }

        return IsAttention(name)
            && Field(csv, "head_dim") is { Length: > 0 } size
            && size != "0"
            && size != context.Model.HeadSize.ToString(CultureInfo.InvariantCulture)
                ? $"head_dim {size}"
                : null;
    }

    private static string Wanted(string name, LatencyContext context) => DtypesFor(name, context) switch
    {
        null => "",
        var dtypes when IsAttention(name) => $" of {dtypes[0]} and head_dim {context.Model.HeadSize}",
        var dtypes => $" of {dtypes[0]}",
    };

    private static bool IsAttention(string name) => name.EndsWith("attention", StringComparison.Ordinal);

    /// <summary>A field of a row; null where the file has no such column.</summary>
    private static string? Field(CsvReader csv, string column) =>
        Array.IndexOf([.. csv.Headers], column) is >= 0 and var field ? csv.GetString(field) : null;

    private static double Number(FilePath file, CsvReader csv, string column)
    {
        string text = Field(csv, column)!;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && (number > 0 || (number == 0 && column != "ms")) && double.IsFinite(number)
                ? number
                : throw new TraceException(
                    file.AsWritten, csv.LineNumber,
                    $"{column} is {Names.Quote(text)}; expected a number, "
                    + (column == "ms" ? "greater than 0" : "0 or more"));
    }

    /// <summary>How files call the dtype of a model's operators; null where it does not matter.</summary>
    private static string[]? DtypesFor(string name, LatencyContext context) => name switch
    {
        "gemm" when context.Model.WeightDtype != WeightDtype.Bf16 => [Names.Kebab($"{context.Model.WeightDtype}")],
        "prefill_attention" or "decode_attention" when context.KvCacheDtype == KvCacheDtype.Fp8 => ["fp8"],
        "gemm" or "prefill_attention" or "decode_attention" => ["bfloat16", "float16", "bf16", "fp16"],
        _ => null,
    };
}
