using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>Times of a GPU's operators as they were measured, in ms.</summary>
/// <param name="Gemm">Of a matrix product, by tokens, outputs and inputs.</param>
/// <param name="PrefillAttention">Of the causal attention of equal prompts, by key-value heads, query heads, tokens of
/// a prompt and prompts.</param>
/// <param name="DecodeAttention">Of the attention of equal decodes, by key-value heads, query heads, decodes and
/// context tokens of each.</param>
/// <param name="AllReduce">Of an all-reduce, by GPUs and bytes; null where none was measured.</param>
/// <param name="LaunchMs">Of a kernel that does next to nothing.</param>
public sealed record OperatorTables(
    GridTable Gemm, GridTable PrefillAttention, GridTable DecodeAttention, GridTable? AllReduce, double LaunchMs)
{
    private const int BatchAxis = 2;
    private const int ContextAxis = 3;
    private const int BytesAxis = 1;

    /// <summary>
    /// Matrix products of one dtype. As measured: kernels are chosen by shape, and some take less time for more tokens.
    /// </summary>
    public static GridTable GemmTable(
        IReadOnlyList<(double[] At, double Time)> points, WeightDtype dtype, GpuSpec gpu)
    {
        RooflineOperators usual = new(new RooflineOptions(Gemm: new GemmEfficiency(LaunchUs: LaunchUs(points))), gpu);
        return new GridTable(
            points, at => 1e3 * usual.Gemm(dtype, new Matrix((long)at[2], (long)at[1]), (int)Math.Ceiling(at[0])));
    }

    /// <summary>Attention of prompts, as measured.</summary>
    public static GridTable PrefillTable(
        IReadOnlyList<(double[] At, double Time)> points, int headSize, KvCacheDtype dtype, GpuSpec gpu)
    {
        RooflineOperators usual = new(
            new RooflineOptions(Prefill: new PrefillAttentionEfficiency(LaunchUs: LaunchUs(points))), gpu);
        return new GridTable(points, at => 1e3 * usual.PrefillAttention(
            Heads(at, headSize), dtype, (int)Math.Ceiling(at[3]), (int)Math.Ceiling(at[2])));
    }

    /// <summary>Attention of decodes; more of them, or longer contexts, never take less time.</summary>
    public static GridTable DecodeTable(
        IReadOnlyList<(double[] At, double Time)> points, int headSize, KvCacheDtype dtype, GpuSpec gpu)
    {
        RooflineOperators usual = new(
            new RooflineOptions(Decode: new DecodeAttentionEfficiency(LaunchUs: LaunchUs(points))), gpu);
        return new GridTable(
            points,
            at => 1e3 * usual.DecodeAttention(
                Heads(at, headSize), dtype, (int)Math.Ceiling(at[2]), (long)Math.Ceiling(at[2] * at[3])),
            BatchAxis, ContextAxis);
    }

    /// <summary>Sums over GPUs; more bytes never take less time.</summary>
    public static GridTable AllReduceTable(IReadOnlyList<(double[] At, double Time)> points) =>
        new(points, null, BytesAxis);

    /// <summary>The least that was measured; the roofline's other numbers are those of a GPU nobody knows.</summary>
    private static double LaunchUs(IReadOnlyList<(double[] At, double Time)> points) =>
        points.Min(point => point.Time) * 1e3;

    /// <summary>A model of one layer with so many key-value and query heads.</summary>
    private static ModelSpec Heads(double[] at, int headSize) => new(
        (int)at[1] * headSize, 1, (int)at[1], (int)at[0], 1, 1, IntermediateSize: 1, HeadDim: headSize);
}
