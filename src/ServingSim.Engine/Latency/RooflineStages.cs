using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The stages of a pipeline as the roofline has them: each with its own layers, the last with the LM head, all but the
/// last with the transfer to the next.
/// </summary>
public sealed class RooflineStages : IStageShares
{
    private const double SecondsToNs = 1e9;
    private readonly RooflineLatency[] _stages;
    private readonly RooflineAllReduce _boundary;

    /// <summary>The stages of one model on GPUs of one kind.</summary>
    public RooflineStages(
        RooflineOptions options, ModelSpec model, GpuSpec gpu, Parallelism parallelism, KvCacheDtype kvCacheDtype)
    {
        List<RooflineLatency> stages = [];
        int first = 0;
        foreach (int layers in parallelism.LayersOfStages(model.NumHiddenLayers))
        {
            ModelSpec part = Part(model, first, layers);

            // A stage of dense layers only has no experts to spread
            Parallelism spread = part.Moe is null ? new Parallelism(parallelism.Tp) : parallelism with { Pp = 1 };
            stages.Add(new RooflineLatency(options, part, gpu, spread, kvCacheDtype));
            first += layers;
        }

        _stages = [.. stages];
        RooflineAllReduce boundaries =
            RooflineAllReduce.Boundaries(options.AllReduce, gpu, model.HiddenSize, parallelism);
        int count = Math.Max(1, parallelism.Pp - 1);
        _boundary = new RooflineAllReduce(boundaries.TokenSeconds / count, boundaries.FixedSeconds / count);
    }

    /// <inheritdoc/>
    public void Of(in StepShape shape, Span<long> shares)
    {
        StepShape unsampled = new(shape.Prefills, shape.Decodes, shape.DecodeContextTokens, 0, shape.Admissions);
        long boundary = shape.Tokens == 0 ? 0 : (long)(_boundary.Seconds(shape.Tokens) * SecondsToNs);
        for (int stage = 0; stage < shares.Length; stage++)
        {
            bool isLast = stage == shares.Length - 1;
            long ns = (long)(_stages[stage].TimeOf(isLast ? shape : unsampled).Device.TotalSeconds * SecondsToNs);
            shares[stage] = Math.Max(1, ns) + (isLast ? 0 : boundary);
        }
    }

    /// <summary>
    /// So many of a model's layers as a model; windowed layers are taken to be spread evenly over all.
    /// </summary>
    private static ModelSpec Part(ModelSpec model, int first, int layers)
    {
        int dense = model.Moe is null ? 0 : Math.Clamp(model.Moe.FirstDenseLayers - first, 0, layers);
        int windowed = model.SlidingWindow is null
            ? 0
            : (int)((long)model.SlidingWindow.Layers * layers / model.NumHiddenLayers);
        bool isDense = model.Moe is null || dense == layers;
        return model with
        {
            NumHiddenLayers = layers,
            Moe = isDense ? null : model.Moe! with { FirstDenseLayers = dense },
            IntermediateSize = isDense || dense > 0 ? model.IntermediateSize : null,
            SlidingWindow = windowed == 0 ? null : model.SlidingWindow! with { Layers = windowed },
        };
    }
}
