using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>The two ring all-reduces of every layer; no time at all on one GPU.</summary>
/// <param name="TokenSeconds">Seconds of transfer per token.</param>
/// <param name="HopSeconds">Seconds of latency over all hops.</param>
/// <param name="FloorSeconds">Seconds of the shortest all-reduces.</param>
internal readonly record struct RooflineAllReduce(double TokenSeconds, double HopSeconds, double FloorSeconds)
{
    private const int PerLayer = 2;

    internal static RooflineAllReduce Of(RooflineOptions options, ModelShard shard, GpuSpec gpu)
    {
        double gpus = shard.Parallelism.Tp;
        if (gpus == 1)
        {
            return default;
        }

        // A ring of n sends 2(n - 1)/n of the message over each link, in 2(n - 1) hops
        double hops = 2 * (gpus - 1);
        double reduces = PerLayer * shard.Model.NumHiddenLayers;
        double bandwidth = gpu.LinkGbPerS * 1e9 * options.LinkEfficiency;
        return new RooflineAllReduce(
            reduces * ModelSpec.ActivationBytes * shard.Model.HiddenSize * hops / (gpus * bandwidth),
            reduces * hops * gpu.LinkLatencyUs * 1e-6,
            reduces * options.AllReduceFloorUs * 1e-6);
    }

    internal double Seconds(int tokens) => Math.Max((TokenSeconds * tokens) + HopSeconds, FloorSeconds);
}
