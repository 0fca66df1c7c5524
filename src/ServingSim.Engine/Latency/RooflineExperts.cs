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
/// <param name="Share">The share of the experts that a token visits: k/E.</param>
/// <param name="Overlaps">Whether computing and reading weights hide one another, as only a bound assumes.</param>
/// <param name="TokensPerToken">Tokens that reach the experts for each token of this replica.</param>
/// <param name="Blocks">What is computed where whole blocks of rows are; null where tiles follow the tokens.</param>
internal readonly record struct RooflineExperts(
    RooflineOperator Router,
    double ComputeSeconds,
    double ActivationSeconds,
    double AllWeightsSeconds,
    double LaunchSeconds,
    double Share,
    bool Overlaps,
    int TokensPerToken,
    RooflineExperts.RowBlocks? Blocks)
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
        double share = efficiency.ComputeOf(shard.Experts, shard.ExpertWidth);
        double peak = gpu.FlopsPerS(model.ExpertDtype) * share / skewed;
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
            (double)moe.ExpertsPerToken / moe.Experts,
            options.Overlaps,
            shard.Parallelism.Dp,
            efficiency.BlockRows is { } rows
                ? new RowBlocks(
                    rows,
                    visits,
                    (rows - 1.0) * shard.Experts,
                    layers * 2 * weights / peak,
                    layers * ModelSpec.ActivationBytes
                        * ((model.HiddenSize * efficiency.Passes / (gpu.HbmGbPerS * 1e9))
                            + ((double)model.FfnMatrices * shard.ExpertWidth / bandwidth)))
                : null);
    }

    internal double Seconds(int tokens)
    {
        if (AllWeightsSeconds == 0)
        {
            return 0;
        }

        int arriving = tokens * TokensPerToken;
        double weights = AllWeightsSeconds * Visited(arriving);
        double products = Blocks is { } blocks
            ? blocks.Seconds(arriving, weights)
            : TiledSeconds(ComputeSeconds * arriving, weights) + (ActivationSeconds * arriving);
        return products + LaunchSeconds + Router.Seconds(tokens);
    }

    private double TiledSeconds(double compute, double weights) =>
        Overlaps ? Math.Max(compute, weights) : compute + weights;

    /// <summary>
    /// The share of the experts that tokens visit on average. Some experts are asked for more often than others: their
    /// shares are taken to vary by a gamma distribution of shape 2, by which an expert of mean m visits is missed with
    /// probability (1 + m/2)^-2. So the tables go whose tokens are routed by a power law (power_law_1.01); uniform
    /// routing would miss e^-m, and visit up to a seventh more.
    /// </summary>
    private double Visited(int tokens)
    {
        double halfVisits = 1 + (Share * tokens / 2);
        return Math.Max(Share, 1 - (1 / (halfVisits * halfVisits)));
    }

    /// <summary>Rows computed by whole blocks, as <see cref="ExpertEfficiency"/> says.</summary>
    /// <param name="Rows">Rows of a block.</param>
    /// <param name="RowsPerToken">Rows that each token brings to the GPU.</param>
    /// <param name="Padding">Rows that are computed beside those.</param>
    /// <param name="ComputeSeconds">Seconds of compute per row.</param>
    /// <param name="ActivationSeconds">Seconds of memory traffic per row beside the weights.</param>
    internal readonly record struct RowBlocks(
        int Rows, double RowsPerToken, double Padding, double ComputeSeconds, double ActivationSeconds)
    {
        internal double Seconds(int tokens, double weights)
        {
            double rows = Rows * Math.Ceiling(((RowsPerToken * tokens) + Padding) / Rows);
            double compute = ComputeSeconds * rows;
            return Math.Sqrt((compute * compute) + (weights * weights)) + (ActivationSeconds * rows);
        }
    }
}
