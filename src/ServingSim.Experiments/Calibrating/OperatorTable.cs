using System.Globalization;
using CsvHelper;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Reads tables of operators by their columns, those of AIConfigurator's and of <c>tools/profile</c>: matrix products
/// (gemm_dtype, m, n, k), attention (batch_size, isl, num_heads, num_key_value_heads, head_dim, kv_cache_dtype, step;
/// step 0 is a prompt of isl tokens, otherwise one token after isl + step - 1), experts (moe_dtype, num_tokens,
/// hidden_size, inter_size, topk, num_experts, moe_tp_size, moe_ep_size, distribution) and sums over GPUs (num_gpus,
/// message_elements_or_bytes: elements of bf16). Every row has latency_ms.
/// </summary>
public static class OperatorTable
{
    private static readonly Dictionary<string, WeightDtype> GemmDtypes = new(StringComparer.Ordinal)
    {
        ["bfloat16"] = WeightDtype.Bf16,
        ["fp8"] = WeightDtype.Fp8,
        ["nvfp4"] = WeightDtype.Fp4,
    };

    /// <summary>Models of experts in fp8 have a scale for every block of weights.</summary>
    private static readonly Dictionary<string, WeightDtype> ExpertDtypes = new(StringComparer.Ordinal)
    {
        ["bfloat16"] = WeightDtype.Bf16,
        ["fp8_block"] = WeightDtype.Fp8,
        ["int4_wo"] = WeightDtype.Int4,
        ["nvfp4"] = WeightDtype.Fp4,
    };

    /// <summary>The rows of a CSV file, which may be compressed (.gz); rows of unknown dtypes are left out.</summary>
    public static IEnumerable<OperatorRow> Read(FilePath file)
    {
        using CsvReader csv = CsvReader.Create(TraceFile.Open(file), CsvReaderOptions.Default, leaveOpen: false);
        Fields fields = new(csv);
        Func<Fields, OperatorRow?> row = fields switch
        {
            _ when fields.Has("gemm_dtype") => Gemm,
            _ when fields.Has("moe_dtype") => Experts,
            _ when fields.Has("num_key_value_heads") => Attention,
            _ when fields.Has("message_elements_or_bytes") => AllReduce,
            _ => throw new TraceException(file.AsWritten, 1, "found no columns of a known table of operators"),
        };
        while (csv.Read())
        {
            if (row(fields) is { } read)
            {
                yield return read;
            }
        }
    }

    private static GemmRow? Gemm(Fields csv) =>
        GemmDtypes.TryGetValue(csv["gemm_dtype"], out WeightDtype dtype)
            ? new GemmRow(dtype, Int(csv, "m"), new Matrix(Int(csv, "k"), Int(csv, "n")), Seconds(csv))
            : null;

    /// <summary>Of the ways in which tables route, only the balanced one is known to the token.</summary>
    private static ExpertRow? Experts(Fields csv)
    {
        string routing = csv.Has("distribution") ? csv["distribution"] : "balanced";
        if (routing != "balanced" || !ExpertDtypes.TryGetValue(csv["moe_dtype"], out WeightDtype dtype))
        {
            return null;
        }

        int ep = Int(csv, "moe_ep_size");
        int experts = Int(csv, "num_experts");
        Parallelism parallelism = new(Int(csv, "moe_tp_size") * ep, Ep: ep);
        ModelSpec model = new(
            Int(csv, "hidden_size"), 1, 1, 1, 1, 1,
            Moe: new MoeSpec(experts, Int(csv, "topk"), Int(csv, "inter_size")), WeightDtype: dtype);
        return new ExpertRow(model, parallelism, Int(csv, "num_tokens"), Seconds(csv));
    }

    private static OperatorRow? Attention(Fields csv)
    {
        int heads = Int(csv, "num_heads");
        int kvHeads = Int(csv, "num_key_value_heads");
        int headDim = Int(csv, "head_dim");
        int batch = Int(csv, "batch_size");
        int tokens = Int(csv, "isl");
        int step = Int(csv, "step");
        kvHeads = kvHeads == 0 ? heads : kvHeads;
        if (heads % kvHeads != 0)
        {
            return null;
        }

        ModelSpec model = new(heads * headDim, 1, heads, kvHeads, 1, 1, IntermediateSize: 1, HeadDim: headDim);
        KvCacheDtype kvDtype = csv["kv_cache_dtype"] == "fp8" ? KvCacheDtype.Fp8 : KvCacheDtype.Auto;
        return step == 0
            ? new PrefillAttentionRow(model, kvDtype, batch, tokens, Seconds(csv))
            : new DecodeAttentionRow(model, kvDtype, batch, tokens + step, Seconds(csv));
    }

    /// <summary>
    /// Decode steps run in captured graphs, so the tables' eager sums, bound by launches, are left out.
    /// </summary>
    private static AllReduceRow? AllReduce(Fields csv) =>
        csv.Has("backend") && csv["backend"].EndsWith("eager", StringComparison.Ordinal)
            ? null
            : new AllReduceRow(
                Int(csv, "num_gpus"),
                (double)ModelSpec.ActivationBytes * Int(csv, "message_elements_or_bytes"),
                Seconds(csv));

    private static int Int(Fields csv, string column) => int.Parse(csv[column], CultureInfo.InvariantCulture);

    private static double Seconds(Fields csv) =>
        double.Parse(csv["latency_ms"], CultureInfo.InvariantCulture) / 1e3;

    /// <summary>The fields of the present row, by column.</summary>
    private sealed class Fields(CsvReader csv)
    {
        private readonly Dictionary<string, int> _indices =
            csv.Headers.ToArray().Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);

        internal string this[string column] => csv.GetString(_indices[column]);

        internal bool Has(string column) => _indices.ContainsKey(column);
    }
}
