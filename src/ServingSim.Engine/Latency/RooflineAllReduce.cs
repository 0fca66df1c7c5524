using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What the GPUs send one another in all layers. Tensor parallelism sums over its group after attention and after the
/// FFN; data-parallel attention gathers the tokens of all its replicas before the experts and scatters their sums
/// after them instead (vLLM's all-gather and reduce-scatter), which is as much as one sum over all the GPUs. Between
/// pipeline stages go the hidden states and the residual, two tensors (vLLM's IntermediateTensors).
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
            + Boundary(options.AllReduce, gpu, model.HiddenSize).Times(parallelism.Pp - 1);
    }

    /// <summary>One stage sends the next what it computed, over one link.</summary>
    internal static RooflineAllReduce Boundary(AllReduceEfficiency efficiency, GpuSpec gpu, double width) => new(
        TensorsBetweenStages * ModelSpec.ActivationBytes * width / (gpu.LinkGbPerS * 1e9 * efficiency.Link),
        (efficiency.FloorUs + gpu.LinkLatencyUs) * 1e-6);

    internal double Seconds(int tokens) => (TokenSeconds * tokens) + FixedSeconds;

    /// <summary>One sum: a ring of n sends 2(n - 1)/n of the message over each link, in 2(n - 1) hops.</summary>
    internal static RooflineAllReduce Ring(AllReduceEfficiency efficiency, GpuSpec gpu, double width, int gpus)
    {
        if (gpus == 1)
        {
            return default;
        }

        double hops = 2.0 * (gpus - 1);
        return new RooflineAllReduce(
            ModelSpec.ActivationBytes * width * hops / (gpus * gpu.LinkGbPerS * 1e9 * efficiency.Link),
            (efficiency.FloorUs + (hops * gpu.LinkLatencyUs)) * 1e-6);
    }

    private RooflineAllReduce Times(double times) => new(TokenSeconds * times, FixedSeconds * times);

    public static RooflineAllReduce operator +(RooflineAllReduce a, RooflineAllReduce b) =>
        new(a.TokenSeconds + b.TokenSeconds, a.FixedSeconds + b.FixedSeconds);
}
