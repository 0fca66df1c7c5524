using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Calibrating;

/// <summary>What a calibration is made for.</summary>
/// <param name="Gpu">The GPU measured.</param>
public readonly record struct CalibrationContext(GpuSpec Gpu);

/// <summary>What the roofline has beside what tables of operators tell.</summary>
/// <param name="StepUs">See <see cref="RooflineOptions"/>.</param>
/// <param name="UsPerLayer">See <see cref="ElementwiseEfficiency"/>.</param>
/// <param name="MixedTileRows">See <see cref="DecodeAttentionEfficiency"/>.</param>
/// <param name="TunedExperts">Shapes of bf16 experts for which the engine has tuned its kernel: their compute is fitted
/// apart from the others'.</param>
/// <param name="ExpertsFp8">What is known of fp8 experts from elsewhere, where no table measures the kernel.</param>
public sealed record RooflineCalibrationOptions(
    double StepUs = RooflineOptions.UsualStepUs,
    double UsPerLayer = 12,
    int? MixedTileRows = null,
    IReadOnlyList<TunedExperts>? TunedExperts = null,
    ExpertEfficiency? ExpertsFp8 = null) : IValidated
{
    /// <summary>Where the fit begins, and what it leaves as it is.</summary>
    internal RooflineOptions Start => new(
        Experts: new ExpertEfficiency(
            TunedCompute: TunedExperts is null ? null : new ExpertEfficiency().Compute, Tuned: TunedExperts),
        ExpertsFp8: ExpertsFp8,
        Decode: new DecodeAttentionEfficiency(MixedTileRows: MixedTileRows),
        Elementwise: new ElementwiseEfficiency(UsPerLayer: UsPerLayer),
        StepUs: StepUs);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
    [
        .. new RooflineOptions(StepUs: StepUs).Problems(),
        .. new ElementwiseEfficiency(UsPerLayer: UsPerLayer).Problems(),
        .. new DecodeAttentionEfficiency(MixedTileRows: MixedTileRows).Problems(),
        .. (TunedExperts ?? []).SelectMany(t => t.Problems()).Select(p => ((string?)nameof(TunedExperts), p.Problem)),
        .. ExpertsFp8?.Problems().Select(p => ((string?)nameof(ExpertsFp8), p.Problem)) ?? [],
    ];
}

/// <summary>
/// Finds the efficiencies of <see cref="RooflineLatency"/> from tables of operators. Tables quantize activations in a
/// kernel of its own, some of them many times slower than the memory; engines compile it into the norm before. So that
/// cost is fitted, to tell it from the product's, and what is kept of it is what the memory needs.
/// </summary>
public sealed class RooflineCalibration(RooflineCalibrationOptions options, GpuSpec gpu) : ICalibration
{
    // bf16 in, one byte out
    private const int QuantizedBytes = 3;

    /// <summary>The last fit, with the tables' own quantization.</summary>
    private RooflineOptions? _ofTables;

    /// <inheritdoc/>
    public string LatencyModel => "roofline";

    /// <inheritdoc/>
    public string? Problem(IReadOnlyList<MeasuredRow> rows) =>
        rows.FirstOrDefault(row => OperatorOf(row) is null) is { } odd
            ? $"found {Names.Kebab(odd.Shape.ToString())}, weight bits or bytes that no operator has; "
                + "expected gemm, experts, attention or all-reduce, of 16, 8, 4.25 (int4) or 4.5 (fp4) bits"
            : null;

    /// <inheritdoc/>
    public object Fit(IReadOnlyList<MeasuredRow> all, IReadOnlySet<MeasuredRow> fitted)
    {
        _ofTables = RooflineFit.Fit(all.Where(fitted.Contains).Select(row => OperatorOf(row)!), gpu, options.Start);
        return _ofTables with { GemmFp8 = Fused(_ofTables.GemmFp8), GemmFp4 = Fused(_ofTables.GemmFp4) };
    }

    /// <inheritdoc/>
    public IEnumerable<ComparedStep> Compare(object options, IReadOnlyList<MeasuredRow> all)
    {
        RooflineOptions fitted = (RooflineOptions)options;
        RooflineOperators operators = new(
            fitted with { GemmFp8 = _ofTables?.GemmFp8, GemmFp4 = _ofTables?.GemmFp4 }, gpu);
        return all.Select(row => (Row: row, Operator: OperatorOf(row)!))
            .Where(pair => pair.Operator.IsTypical)
            .Select(pair => new ComparedStep(
                pair.Row, pair.Operator.Predicted(operators) * 1e3, pair.Operator.Seconds * 1e3));
    }

    /// <summary>
    /// Steps no larger than the largest attention of decodes and the largest products: of more, no operator was
    /// measured. Null where either is missing.
    /// </summary>
    public StepRange? RangeOf(IReadOnlyList<MeasuredRow> rows)
    {
        (int Decodes, long ContextTokens, int Tokens)[] sizes =
            [.. rows.Select(OperatorOf).OfType<OperatorRow>().Where(o => o.IsTypical).Select(o => o.Size)];
        (long decodes, long context, long tokens) = sizes.Length == 0 ? default : (
            sizes.Max(s => s.Decodes), sizes.Max(s => s.ContextTokens), sizes.Max(s => s.Tokens));
        return decodes == 0 || tokens == 0 ? null : new StepRange([1, decodes], [1, context], [1, tokens]);
    }

    private GemmEfficiency? Fused(GemmEfficiency? gemm) => gemm is null
        ? null
        : gemm with
        {
            QuantizePsPerElement = Math.Min(
                gemm.QuantizePsPerElement,
                RelativeFit.Rounded(QuantizedBytes * 1e3 / (gpu.HbmGbPerS * new ElementwiseEfficiency().Memory))),
        };

    /// <summary>The operator that a row tells of; null where it tells of none.</summary>
    private static OperatorRow? OperatorOf(MeasuredRow row) => row.Shape switch
    {
        MeasuredShape.Gemm when DtypeOf(row) is { } dtype =>
            new GemmRow(dtype, Int(row, "m"), new Matrix(Int(row, "k"), Int(row, "n")), Seconds(row)),
        MeasuredShape.Experts when DtypeOf(row) is { } dtype => ExpertsOf(row, dtype),
        MeasuredShape.Attention => AttentionOf(row),
        MeasuredShape.MixedAttention => MixedAttentionOf(row),
        MeasuredShape.AllReduce when BytesOf(row) is > 0 and var bytes =>
            new AllReduceRow(Int(row, "gpus"), bytes, Seconds(row)),
        _ => null,
    };

    private static double BytesOf(MeasuredRow row) => row.Or("bytes", ModelSpec.ActivationBytes * row["elements"]);

    private static ExpertRow ExpertsOf(MeasuredRow row, WeightDtype dtype)
    {
        int ep = Int(row, "ep");
        ModelSpec model = new(
            Int(row, "hidden"), 1, 1, 1, 1, 1,
            Moe: new MoeSpec(Int(row, "experts"), Int(row, "top_k"), Int(row, "width")), WeightDtype: dtype);
        return new ExpertRow(model, new Parallelism(Int(row, "tp") * ep, Ep: ep), Int(row, "tokens"), Seconds(row));
    }

    private static OperatorRow AttentionOf(MeasuredRow row)
    {
        int batch = Int(row, "batch");
        int tokens = Int(row, "tokens");
        int step = Int(row, "step");
        return step == 0
            ? new PrefillAttentionRow(HeadsOf(row), KvDtypeOf(row), batch, tokens, Seconds(row))
            : new DecodeAttentionRow(HeadsOf(row), KvDtypeOf(row), batch, tokens + step, Seconds(row));
    }

    private static MixedAttentionRow MixedAttentionOf(MeasuredRow row) => new(
        HeadsOf(row), KvDtypeOf(row), new PrefillChunk(Int(row, "prefill_tokens"), Int(row, "prefill_context")),
        Int(row, "decodes"), Int(row, "decode_context"), Seconds(row));

    /// <summary>A model of one layer with the heads of a row.</summary>
    private static ModelSpec HeadsOf(MeasuredRow row)
    {
        int heads = Int(row, "heads");
        int kvHeads = row["kv_heads"] == 0 ? heads : Int(row, "kv_heads");
        int headDim = Int(row, "head_dim");
        return new ModelSpec(heads * headDim, 1, heads, kvHeads, 1, 1, IntermediateSize: 1, HeadDim: headDim);
    }

    private static KvCacheDtype KvDtypeOf(MeasuredRow row) =>
        row["kv_bytes"] == 1 ? KvCacheDtype.Fp8 : KvCacheDtype.Auto;

    private static WeightDtype? DtypeOf(MeasuredRow row) => Enum.GetValues<WeightDtype>()
        .Where(dtype => 8 * ModelSpec.BytesOf(dtype) == row["weight_bits"])
        .Select(dtype => (WeightDtype?)dtype)
        .FirstOrDefault();

    private static int Int(MeasuredRow row, string column) => (int)row[column];

    private static double Seconds(MeasuredRow row) => row["ms"] / 1e3;
}
