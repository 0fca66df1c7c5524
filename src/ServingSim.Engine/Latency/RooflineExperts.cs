using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The routed experts of all layers on the busiest GPU, and their router; no time at all in a dense model. With
/// data-parallel attention the experts see the tokens of all its replicas, taken to be equally loaded.
/// </summary>
/// <param name="Router">The product that chooses the experts.</param>
/// <param name="ComputeSeconds">Seconds of compute per token.</param>
/// <param name="ActivationSeconds">Seconds of memory traffic per token beside the weights.</param>
/// <param name="AllWeightsSeconds">Seconds to read the weights of every expert on the GPU.</param>
/// <param name="LaunchSeconds">Seconds whatever the tokens.</param>
/// <param name="MissProbability">Chance that a token does not visit a given expert: 1 − k/E.</param>
/// <param name="TokensPerToken">Tokens that reach the experts for each token of this replica.</param>
internal readonly record struct RooflineExperts(
    RooflineOperator Router,
    double ComputeSeconds,
    double ActivationSeconds,
    double AllWeightsSeconds,
    double LaunchSeconds,
    double MissProbability,
    int TokensPerToken)
{
    internal static RooflineExperts Of(RooflineOptions options, ModelShard shard, GpuSpec gpu)
    {
        if (shard.Model.Moe is not { } moe)
        {
            return default;
        }

        ModelSpec model = shard.Model;
        double layers = model.ExpertLayers;
        ExpertEfficiency efficiency = options.ExpertsOf(model.ExpertDtype);
        double skewed = shard.Parallelism.Ep == 1 ? 1 : 1 + efficiency.Skew;
        double peak = gpu.FlopsPerS(model.ExpertDtype) * efficiency.Compute / skewed;
        double bandwidth = gpu.HbmGbPerS * 1e9 * efficiency.Memory / skewed;

        // A token's visits are shared evenly by the GPUs that hold whole experts
        double visits = (double)moe.ExpertsPerToken / shard.Parallelism.Ep;
        double weights = (double)model.FfnMatrices * model.HiddenSize * shard.ExpertWidth;
        double copies = (double)moe.ExpertsPerToken * model.HiddenSize * efficiency.Passes;
        double inner = visits * model.FfnMatrices * shard.ExpertWidth;
        return new RooflineExperts(
            RooflineOperator.Product(
                options, gpu, WeightDtype.Bf16, layers, new Matrix(model.HiddenSize, moe.Experts)),
            layers * visits * 2 * weights / peak,
            layers * ModelSpec.ActivationBytes * ((copies / (gpu.HbmGbPerS * 1e9)) + (inner / bandwidth)),
            layers * shard.Experts * weights * ModelSpec.BytesOf(model.ExpertDtype) / bandwidth,
            layers * efficiency.LaunchUs * 1e-6,
            1 - ((double)moe.ExpertsPerToken / moe.Experts),
            shard.Parallelism.Dp);
    }

    // Routing is taken as uniform and independent: T tokens visit E·(1 − (1 − k/E)^T) experts on average
    internal double Seconds(int tokens)
    {
        if (AllWeightsSeconds == 0)
        {
            return 0;
        }

        int arriving = tokens * TokensPerToken;
        double compute = ComputeSeconds * arriving;
        double weights = AllWeightsSeconds * (1 - Power(MissProbability, arriving));
        return Math.Sqrt((compute * compute) + (weights * weights))
            + (ActivationSeconds * arriving)
            + LaunchSeconds
            + Router.Seconds(tokens);
    }

    /// <summary>By repeated squaring: the same bits on every platform.</summary>
    private static double Power(double x, int exponent)
    {
        double power = 1;
        for (; exponent > 0; exponent >>= 1)
        {
            power *= (exponent & 1) == 1 ? x : 1;
            x *= x;
        }

        return power;
    }
}
