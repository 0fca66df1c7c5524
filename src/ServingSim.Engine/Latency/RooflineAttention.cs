using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The attention of some layers, all of one window; prefill chunks and decodes run in separate kernels. The decodes'
/// terms are integer ticks, rounded up once, so that steps of the same requests lie on a line.
/// </summary>
/// <param name="Window">To how many tokens a token attends at most.</param>
/// <param name="DecodePairSeconds">Seconds of compute for each token that a decoding one attends to.</param>
/// <param name="DecodeKvSeconds">Seconds to read the KV of one token.</param>
/// <param name="DecodeHeadSeconds">Seconds that the key-value heads of each decoding request take.</param>
/// <param name="DecodeTokenSeconds">Seconds that queries and outputs of each decoding request add.</param>
/// <param name="DecodeLaunchSeconds">Seconds whatever the decodes.</param>
/// <param name="PrefillPairSeconds">Seconds of compute for each token that a prompt token attends to.</param>
/// <param name="PrefillKvSeconds">Seconds to read the KV of one token.</param>
/// <param name="PrefillChainSeconds">Seconds that a tile of queries takes for each token it attends to.</param>
/// <param name="PrefillTokenSeconds">Seconds that each prompt token adds.</param>
/// <param name="PrefillLaunchSeconds">Seconds whatever the chunks.</param>
/// <param name="Mixed">The decodes' part where one kernel computes them with prompts; null where none does.</param>
internal sealed record RooflineAttention(
    long Window,
    double DecodePairSeconds,
    double DecodeKvSeconds,
    double DecodeHeadSeconds,
    double DecodeTokenSeconds,
    double DecodeLaunchSeconds,
    double PrefillPairSeconds,
    double PrefillKvSeconds,
    double PrefillChainSeconds,
    double PrefillTokenSeconds,
    double PrefillLaunchSeconds,
    FlashAttention2Decodes? Mixed)
{
    private const double UsualHeadSize = 128;

    /// <summary>The attention of a model: of its layers with a window, and of those without.</summary>
    internal static RooflineAttention[] Of(
        RooflineOptions options, ModelShard shard, GpuSpec gpu, KvCacheDtype dtype)
    {
        SlidingWindow? window = shard.Model.SlidingWindow;
        int windowed = window?.Layers ?? 0;
        (int Layers, long Window)[] kinds =
            [(shard.Model.NumHiddenLayers - windowed, long.MaxValue), (windowed, window?.Tokens ?? long.MaxValue)];
        return [.. kinds.Where(k => k.Layers > 0).Select(k => Of(options, shard, gpu, dtype, k.Layers, k.Window))];
    }

    private static RooflineAttention Of(
        RooflineOptions options, ModelShard shard, GpuSpec gpu, KvCacheDtype dtype, double layers, long window)
    {
        ModelSpec model = shard.Model;
        double bandwidth = gpu.HbmGbPerS * 1e9;
        double peak = gpu.FlopsPerS(WeightDtype.Bf16);
        double kvBytes = shard.KvBytesPerTokenAndLayer(dtype);
        double inOut = ModelSpec.ActivationBytes * (shard.QueryWidth + shard.AttentionWidth);

        // Latent attention decodes in the latent's width; prompts are computed with keys and values expanded
        double decodeFlops = model.Mla is { } mla
            ? 2.0 * shard.QueryHeads * (mla.KeptWidth + mla.KvLoraRank)
            : 2.0 * (shard.QueryWidth + shard.AttentionWidth);
        double prefillFlops = 2.0 * (shard.QueryWidth + shard.AttentionWidth);
        int kvHeads = model.Mla is null ? shard.KvHeads : 1;
        return new RooflineAttention(
            window,
            layers * decodeFlops / (peak * options.Decode.Compute),
            layers * kvBytes / (bandwidth * options.Decode.Memory),

            layers * kvHeads * options.Decode.UsPerKvHead * 1e-6,

            // Queries and outputs twice: kernels that split the context write partial outputs and reduce them
            layers * 2 * inOut / (bandwidth * options.Decode.Memory),
            layers * options.Decode.LaunchUs * 1e-6,
            layers * prefillFlops / (peak * options.Prefill.Compute),
            layers * kvBytes / (bandwidth * options.Decode.Memory),
            layers * options.Prefill.NsPerContextToken * 1e-9 * model.HeadSize / UsualHeadSize,
            layers * inOut * options.Prefill.Passes / bandwidth,
            layers * options.Prefill.LaunchUs * 1e-6,
            FlashAttention2Decodes.Of(options, shard, gpu, dtype, layers));
    }

    /// <summary>
    /// cos and sin of five angles from 0 to 90°: the greatest of a·cos + b·sin is √(a² + b²) but for 2 %, never more,
    /// and never less than a or b; and it lies on lines.
    /// </summary>
    private static readonly (double Cos, double Sin)[] Directions =
        [(1, 0), (0.92387953, 0.38268343), (0.70710678, 0.70710678), (0.38268343, 0.92387953), (0, 1)];

    private SimTime LaunchTime { get; } = SimTime.FromSecondsRoundedUp(DecodeLaunchSeconds);

    /// <summary>Ticks for each request and each context token in each direction; contexts count ever more.</summary>
    private (long PerDecode, long PerContextToken)[] Lines { get; } =
    [
        .. Directions.Select(d => (
            SimTime.FromSecondsRoundedUp((DecodeHeadSeconds * d.Cos) + DecodeTokenSeconds).Ticks,
            SimTime.FromSecondsRoundedUp(Math.Max(DecodePairSeconds, DecodeKvSeconds) * d.Sin).Ticks)),
    ];

    /// <summary>
    /// The decodes' part: launch + √(heads² + contexts²), which the tables show, + queries and outputs. In a window,
    /// contexts are taken to be equal: where they differ that is too much, never too little.
    /// </summary>
    internal SimTime DecodeTime(int decodes, long contextTokens) => decodes == 0
        ? SimTime.Zero
        : LaunchTime + LineAt(decodes, Math.Min(contextTokens, WindowTokens(decodes))).Time;

    /// <summary>The decodes' part of a step, whether it has prompt tokens too or not.</summary>
    internal SimTime DecodeTime(in StepShape shape) =>
        shape.Decodes > 0 && Mixed is { } mixed && FlashAttention2Decodes.LongestChunk(shape) is > 1 and var longest
            ? SimTime.FromSecondsRoundedUp(mixed.Seconds(
                shape.Decodes, Math.Min(shape.DecodeContextTokens, WindowTokens(shape.Decodes)), longest))
            : DecodeTime(shape.Decodes, shape.DecodeContextTokens);

    /// <summary>The slope of <see cref="DecodeTime(int, long)"/>, and from where to where it is that.</summary>
    internal (long TicksPerContextToken, long FirstContextTokens, long LastContextTokens) DecodeSlope(
        int decodes, long contextTokens)
    {
        long first = 0;
        long last = WindowTokens(decodes);
        if (contextTokens >= last)
        {
            return (0, last, long.MaxValue);
        }

        (SimTime time, int line) = LineAt(decodes, contextTokens);
        long slope = Lines[line].PerContextToken;
        for (int i = 0; i < Lines.Length; i++)
        {
            // The others lie below it, and meet it farther on or farther back
            long approach = Lines[i].PerContextToken - slope;
            SimTime behind = time - TimeOn(Lines[i], decodes, contextTokens);
            if (approach > 0)
            {
                last = Math.Min(last, contextTokens + (behind.Ticks / approach));
            }
            else if (approach < 0)
            {
                first = Math.Max(first, contextTokens - (behind.Ticks / -approach));
            }
        }

        return (slope, first, last);
    }

    /// <summary>The highest line; of several, that which rises most.</summary>
    private (SimTime Time, int Line) LineAt(int decodes, long contextTokens)
    {
        (SimTime Time, int Line) highest = (TimeOn(Lines[0], decodes, contextTokens), 0);
        for (int i = 1; i < Lines.Length; i++)
        {
            SimTime time = TimeOn(Lines[i], decodes, contextTokens);
            highest = time >= highest.Time ? (time, i) : highest;
        }

        return highest;
    }

    private static SimTime TimeOn((long PerDecode, long PerContextToken) line, int decodes, long contextTokens) =>
        (new SimTime(line.PerDecode) * decodes) + (new SimTime(line.PerContextToken) * contextTokens);

    /// <summary>The prefills' part, in seconds.</summary>
    internal double PrefillSeconds(in StepShape shape)
    {
        if (shape.PrefillTokens == 0)
        {
            return 0;
        }

        double pairs = 0;
        double context = 0;
        double longest = 0;
        foreach (PrefillChunk chunk in shape.Prefills)
        {
            double attended = Math.Min((double)chunk.ContextBefore + chunk.Tokens, (double)Window + chunk.Tokens);
            pairs += Pairs(chunk);
            context += attended;
            longest = Math.Max(longest, attended);
        }

        double busy = Math.Max(PrefillPairSeconds * pairs, PrefillKvSeconds * context);
        double chain = PrefillChainSeconds * longest;
        return PrefillLaunchSeconds
            + Math.Sqrt((busy * busy) + (chain * chain))
            + (PrefillTokenSeconds * shape.PrefillTokens);
    }

    /// <summary>
    /// Causal: the i-th of t tokens after s attends to s + i, at most the window, so chunks add up to their prompt.
    /// </summary>
    private double Pairs(PrefillChunk chunk)
    {
        double growing = Math.Clamp((double)Window - chunk.ContextBefore, 0, chunk.Tokens);
        return (growing * (chunk.ContextBefore + ((growing + 1) / 2))) + ((chunk.Tokens - growing) * Window);
    }

    private long WindowTokens(int decodes) => Window == long.MaxValue ? long.MaxValue : Window * decodes;
}
