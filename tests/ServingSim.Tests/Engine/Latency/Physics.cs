using ServingSim.Engine.Specs;

namespace ServingSim.Tests.Engine.Latency;

/// <summary>The floor under every step.</summary>
internal static class Physics
{
    /// <summary>
    /// What one GPU must compute and read at the very least, counted apart from every model under test:
    /// weights once, each token's KV once; and what has to cross from stage to stage of a pipeline.
    /// </summary>
    internal static double Seconds(
        ModelSpec m, GpuSpec gpu, Parallelism split, KvCacheDtype kvDtype, StepCase step)
    {
        double peak = gpu.Bf16Tflops * 1e12;
        double tokens = step.Decodes + step.Prefills.Sum(chunk => chunk.Tokens);
        double ffnMatrices = (m.GatedFfn ? 3.0 : 2.0) * m.HiddenSize;
        double dense = (m.NumHiddenLayers * AttentionWeights(m))
            + (m.DenseLayers * ffnMatrices * (m.IntermediateSize ?? 0))
            + (m.ExpertLayers * ffnMatrices * (m.Moe?.SharedIntermediateSize ?? 0));
        double visited = m.ExpertLayers * ffnMatrices
            * (m.Moe?.ExpertsPerToken ?? 0) * (m.Moe?.ExpertIntermediateSize ?? 0);
        double lmHead = step.Sampled > 0 ? (double)m.HiddenSize * m.VocabSize : 0;
        double router = m.ExpertLayers * (double)m.HiddenSize * (m.Moe?.Experts ?? 0);
        double compute = (2 * tokens * dense / gpu.FlopsPerS(m.WeightDtype))
            + (2 * tokens * visited / gpu.FlopsPerS(m.ExpertDtype))
            + (2 * tokens * router / peak)
            + (AttentionFlops(m, step) / peak)
            + (2 * step.Sampled * lmHead / peak);
        double kvBytes = kvDtype == KvCacheDtype.Fp8 ? 1 : 2;
        double kvWidth = m.Mla is { } mla ? mla.KeptWidth : 2.0 * m.NumKeyValueHeads * m.HeadSize / split.Tp;
        double bytes = (2 * lmHead / split.Tp) + (kvBytes * kvWidth * KvTokens(m, step));
        if (tokens > 0)
        {
            bytes += (dense * ModelSpec.BytesOf(m.WeightDtype) / split.Tp)
                + (visited * ModelSpec.BytesOf(m.ExpertDtype) / (split.Tp * split.Dp));
        }

        double crossing = (split.Pp - 1) * 2 * 2 * tokens * m.HiddenSize;
        return Math.Max(compute / split.Tp, bytes / (gpu.HbmGbPerS * 1e9)) + (crossing / (gpu.LinkGbPerS * 1e9));
    }

    private static double AttentionWeights(ModelSpec m)
    {
        double heads = m.NumAttentionHeads;
        double hidden = m.HiddenSize;
        return m.Mla is { } mla
            ? (hidden * (mla.QLoraRank!.Value + mla.KvLoraRank + mla.QkRopeHeadDim))
                + (heads * mla.QLoraRank.Value * (mla.QkNopeHeadDim + mla.QkRopeHeadDim))
                + (heads * mla.KvLoraRank * (mla.QkNopeHeadDim + mla.VHeadDim))
                + (heads * hidden * mla.VHeadDim)
            : hidden * m.HeadSize * ((2 * heads) + (2 * m.NumKeyValueHeads));
    }

    private static double AttentionFlops(ModelSpec m, StepCase step)
    {
        double heads = m.NumAttentionHeads;
        double perPrefillPair = m.Mla is { } mla
            ? 2 * heads * (mla.QkNopeHeadDim + mla.QkRopeHeadDim + mla.VHeadDim)
            : 4 * heads * m.HeadSize;
        double perDecodePair = m.Mla is { } latent
            ? 2 * heads * ((2 * latent.KvLoraRank) + latent.QkRopeHeadDim)
            : perPrefillPair;
        return Layers(m).Sum(kind => kind.Layers * (
            (perDecodePair * Math.Min(step.Context, kind.Window * step.Decodes))
            + (perPrefillPair * step.Prefills.Sum(chunk => Enumerable.Range(chunk.ContextBefore + 1, chunk.Tokens)
                .Sum(attended => Math.Min(attended, kind.Window))))));
    }

    private static double KvTokens(ModelSpec m, StepCase step) => Layers(m).Sum(kind => kind.Layers * (
        Math.Min(step.Context, kind.Window * step.Decodes)
        + step.Prefills.Sum(chunk => Math.Min((double)chunk.ContextBefore, kind.Window) + chunk.Tokens)));

    private static IEnumerable<(int Layers, double Window)> Layers(ModelSpec m)
    {
        int windowed = m.SlidingWindow?.Layers ?? 0;
        yield return (m.NumHiddenLayers - windowed, double.MaxValue);
        yield return (windowed, m.SlidingWindow?.Tokens ?? 1);
    }
}
