using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What the GPUs send one another in all layers. Tensor parallelism sums over its group after attention and after the
/// FFN; data-parallel attention gathers the tokens of all its replicas before the experts and scatters their sums
/// after them instead (vLLM's all-gather and reduce-scatter), which is as much as one sum over all the GPUs. Between
/// pipeline stages go the hidden states and the residual, two tensors (vLLM's IntermediateTensors). What the GPUs' link
/// does not join sends over the network.
/// </summary>
/// <param name="TokenSeconds">Seconds of transfer per token.</param>
/// <param name="FixedSeconds">Seconds of hops and floors.</param>
internal readonly record struct RooflineAllReduce(double TokenSeconds, double FixedSeconds)
{
    private const int TensorsBetweenStages = 2;

    // Two float32 a token (vLLM's MiniMaxText01RMSNormTP.forward_qk), as elements of two bytes
    private const double VariancesWidth = 4;

    internal static RooflineAllReduce Of(RooflineOptions options, ModelShard shard, GpuSpec gpu)
    {
        ModelSpec model = shard.Model;
        Parallelism parallelism = shard.Parallelism;
        double gathered = parallelism.Dp == 1 ? 0 : model.ExpertLayers;
        double sums = (2.0 * model.NumHiddenLayers) - gathered;
        return Ring(options.AllReduce, gpu, model.HiddenSize, parallelism.Tp).Times(sums)
            + Ring(options.AllReduce, gpu, (double)model.HiddenSize * parallelism.Dp, parallelism.ExpertGpus)
                .Times(gathered)
            + Ring(options.AllReduce, gpu, VariancesWidth, parallelism.Tp)
                .Times(model.QkNormAcrossHeads ? model.NumHiddenLayers : 0)
            + Boundaries(options.AllReduce, gpu, model.HiddenSize, parallelism);
    }

    /// <summary>Each stage but the last sends the next what it computed, over one link or one port.</summary>
    internal static RooflineAllReduce Boundaries(
        AllReduceEfficiency efficiency, GpuSpec gpu, double width, Parallelism parallelism)
    {
        int outside = parallelism.BoundariesBeyond(gpu.LinkGpus);
        RooflineAllReduce within = Boundary(gpu.LinkGbPerS, gpu.LinkLatencyUs).Times(parallelism.Pp - 1 - outside);
        return outside == 0
            ? within
            : within + Boundary(gpu.NetworkGbPerS!.Value, gpu.NetworkLatencyUs).Times(outside);

        RooflineAllReduce Boundary(double gbPerS, double latencyUs) => new(
            TensorsBetweenStages * ModelSpec.ActivationBytes * width / (gbPerS * 1e9 * efficiency.Link),
            (efficiency.FloorUs + latencyUs) * 1e-6);
    }

    internal double Seconds(int tokens) => (TokenSeconds * tokens) + FixedSeconds;

    /// <summary>
    /// One sum: a ring of n sends 2(n - 1)/n of the message over each link, in 2(n - 1) hops. Where the link does not
    /// join all, rings go on from domain to domain over all ports of a domain at once (NCCL's rails), two hops for each
    /// domain.
    /// </summary>
    internal static RooflineAllReduce Ring(AllReduceEfficiency efficiency, GpuSpec gpu, double width, int gpus)
    {
        if (gpus == 1)
        {
            return default;
        }

        double hops = 2.0 * (gpus - 1);
        double outside = gpus <= gpu.LinkGpus ? 0 : 2.0 * ((gpus + gpu.LinkGpus - 1) / gpu.LinkGpus);
        double gbPerS = outside == 0
            ? gpu.LinkGbPerS
            : Math.Min(gpu.LinkGbPerS, gpu.NetworkGbPerS!.Value * gpu.LinkGpus);
        double latencyUs = (Math.Max(0, hops - outside) * gpu.LinkLatencyUs) + (outside * gpu.NetworkLatencyUs);
        return new RooflineAllReduce(
            ModelSpec.ActivationBytes * width * hops / (gpus * gbPerS * 1e9 * efficiency.Link),
            (efficiency.FloorUs + latencyUs) * 1e-6);
    }

    private RooflineAllReduce Times(double times) => new(TokenSeconds * times, FixedSeconds * times);

    public static RooflineAllReduce operator +(RooflineAllReduce a, RooflineAllReduce b) =>
        new(a.TokenSeconds + b.TokenSeconds, a.FixedSeconds + b.FixedSeconds);
}
