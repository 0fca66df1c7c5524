using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Options of <c>predicted-latency</c>, with llm-d's defaults (llm-d-router 683100dc, 2026; later ones of its affinity
/// filter by itself are no exploration and 18,000 ms, while its guide of predicted latency keeps 5,000).
/// </summary>
/// <param name="TtftMs">The limit of time to first token, in ms; null for none.</param>
/// <param name="TpotMs">The limit of time per output token, in ms; null for none.</param>
/// <param name="TtftWeight">What TTFT counts beside TPOT.</param>
/// <param name="TpotWeight">What TPOT counts beside TTFT.</param>
/// <param name="Headroom">Which of the replicas within the limits is preferred.</param>
/// <param name="Picker">How scores make a choice.</param>
/// <param name="StrictAffinityThreshold">
/// Before the limits are looked at, only replicas that have so much of the prompt (0 … 1) are kept; 0: all are.
/// </param>
/// <param name="AffinityThreshold">The same, of those that are left after the limits were looked at.</param>
/// <param name="MaxTtftPenaltyMs">
/// Those that have the prompt are not kept alone where the best TTFT among them is so much longer than among the
/// others, in ms; 0: they always are.
/// </param>
/// <param name="ExplorationProbability">How often each of the two is skipped.</param>
/// <param name="EpsilonExploreNeg">
/// How often those beyond the limits are chosen from although some are within them.
/// </param>
/// <param name="ExpectedOutputTokens">
/// Output tokens of a request, of which decoding ones are taken to have half; for the length of their contexts.
/// </param>
/// <param name="BlockTokens">Prefixes are remembered in blocks of so many tokens.</param>
/// <param name="LruCapacity">Blocks remembered of each replica; 0: every prompt is taken to be new.</param>
public sealed record PredictedLatencyOptions(
    double? TtftMs = null,
    double? TpotMs = null,
    double TtftWeight = 0.8,
    double TpotWeight = 0.2,
    HeadroomRule Headroom = HeadroomRule.Least,
    LlmdPicker Picker = LlmdPicker.WeightedRandom,
    double StrictAffinityThreshold = 0.99,
    double AffinityThreshold = 0.8,
    double MaxTtftPenaltyMs = 5000,
    double ExplorationProbability = 0.01,
    double EpsilonExploreNeg = 0.01,
    int ExpectedOutputTokens = 256,
    int BlockTokens = 16,
    int LruCapacity = 31_250) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (TtftMs is { } ttft && !(ttft > 0 && double.IsFinite(ttft)))
        {
            yield return (nameof(TtftMs), $"found {ttft}, expected more than 0");
        }

        if (TpotMs is { } tpot && !(tpot > 0 && double.IsFinite(tpot)))
        {
            yield return (nameof(TpotMs), $"found {tpot}, expected more than 0");
        }

        if (!(TtftWeight is >= 0 and <= 1e6))
        {
            yield return (nameof(TtftWeight), $"found {TtftWeight}, expected a number from 0 to 1e6");
        }

        if (!(TpotWeight is >= 0 and <= 1e6) || TtftWeight + TpotWeight == 0)
        {
            yield return (
                nameof(TpotWeight), $"found {TpotWeight}, expected a number from 0 to 1e6, and not both weights 0");
        }

        (string Name, double Share)[] shares =
        [
            (nameof(StrictAffinityThreshold), StrictAffinityThreshold),
            (nameof(AffinityThreshold), AffinityThreshold),
            (nameof(ExplorationProbability), ExplorationProbability),
            (nameof(EpsilonExploreNeg), EpsilonExploreNeg),
        ];
        foreach ((string name, double share) in shares.Where(s => !(s.Share is >= 0 and <= 1)))
        {
            yield return (name, $"found {share}, expected a number from 0 to 1");
        }

        if (!(MaxTtftPenaltyMs >= 0 && double.IsFinite(MaxTtftPenaltyMs)))
        {
            yield return (nameof(MaxTtftPenaltyMs), $"found {MaxTtftPenaltyMs}, expected at least 0");
        }

        (string Name, int Found, int Least)[] counts =
        [
            (nameof(ExpectedOutputTokens), ExpectedOutputTokens, 1),
            (nameof(BlockTokens), BlockTokens, 1),
            (nameof(LruCapacity), LruCapacity, 0),
        ];
        foreach ((string name, int found, int least) in counts.Where(c => c.Found < c.Least))
        {
            yield return (name, $"found {found}, expected at least {least}");
        }
    }
}

/// <summary>Which of the replicas that would keep the limits is preferred.</summary>
public enum HeadroomRule
{
    /// <summary>That with the least room left, so that others stay free for what needs more.</summary>
    Least,

    /// <summary>That with the most room left.</summary>
    Most,
}

/// <summary>
/// llm-d's scheduling by predicted latency, which asks each replica's latency model for the TTFT and TPOT of the
/// request there where the real one learns such a model: first those replicas are kept that have the prompt, then those
/// within the limits, then again those that have much of the prompt, and one is drawn by scores for what room is left
/// (llm-d/llm-d-router, filter/prefixcacheaffinity, filter/sloheadroomtier and picker/weightedrandom, 683100dc; the
/// order of them: config/charts/routerlib/templates/_config.yaml, 00bacf3a; 2026).
/// </summary>
/// <remarks>
/// It knows what a router knows: its own requests, which of them have had a first token, their prompts, and what it
/// sent where before. That a GPU has become slower it does not. One limit alone leaves the other latency out, as llm-d
/// leaves TPOT out where answers are not streamed. llm-d's admission by predicted latency is no part of it.
/// </remarks>
public sealed class PredictedLatencyRouter(PredictedLatencyOptions options, RouterContext context) : IRouter
{
    private readonly ActiveSequences _active = new();
    private readonly HeadroomScores _scores = new(options.TtftWeight, options.TpotWeight, options.Headroom);
    private readonly RecentPrefixes? _recent = options.LruCapacity == 0
        ? null
        : new RecentPrefixes(options.BlockTokens, int.MaxValue, options.LruCapacity);

    private Prediction[] _predictions = [];

    /// <summary>What a replica would do to a request.</summary>
    /// <param name="PrefillTokens">Tokens of its prompt that it would compute.</param>
    /// <param name="KnownShare">The share of the prompt's full blocks that are known to be there.</param>
    /// <param name="TtftMs">Time to first token.</param>
    /// <param name="TpotMs">Time of a step that decodes with it.</param>
    internal readonly record struct Prediction(int PrefillTokens, double KnownShare, double TtftMs, double TpotMs);

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        _ = Predict(request, replicas);
        Draws draws = context.DrawsOf(request);
        List<int> kept = [.. Enumerable.Range(0, replicas.Count)];
        kept = WithThePrompt(kept, options.StrictAffinityThreshold, ref draws);
        kept = WithinTheLimits(kept, ref draws);
        kept = WithThePrompt(kept, options.AffinityThreshold, ref draws);
        Headroom[] rooms = [.. kept.Select(i => RoomOn(i, isIdle: replicas[i].Outstanding == 0))];
        return kept[LlmdRouter.Pick(_scores.Of(rooms), options.Picker, draws)];
    }

    /// <inheritdoc/>
    public void Sent(ClientRequest request, ReplicaView replica)
    {
        // Other requests may have been asked about since, and the replica may be none of those that can be chosen now
        int cached = CachedTokens(request, _recent?.Find(request.Prompt, replica));
        _active.Add(request, replica, request.PromptTokens - cached, shares: false);
        _recent?.Sent(request.Prompt, replica);
    }

    /// <summary>What each replica would do to a request; good until the next call.</summary>
    internal IReadOnlyList<Prediction> Predict(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        if (_predictions.Length != replicas.Count)
        {
            _predictions = new Prediction[replicas.Count];
        }

        IReadOnlyList<int>? known = _recent?.Find(request.Prompt, replicas);
        int blocks = _recent?.BlocksOf(request.Prompt) ?? 0;
        for (int i = 0; i < replicas.Count; i++)
        {
            int cached = CachedTokens(request, known?[i]);
            double share = blocks == 0 ? 0 : (double)known![i] / blocks;
            _predictions[i] = PredictionOf(request.PromptTokens - cached, cached, share, replicas[i]);
        }

        return _predictions;
    }

    /// <summary>
    /// Those that have so much of the prompt, unless nobody has, the others would be far quicker, or chance skips it.
    /// </summary>
    private List<int> WithThePrompt(List<int> candidates, double threshold, ref Draws draws)
    {
        if (candidates.Count == 1 || threshold == 0 || draws.NextUnit() < options.ExplorationProbability)
        {
            return candidates;
        }

        List<int> with = candidates.FindAll(i => _predictions[i].KnownShare >= threshold);
        if (with.Count == 0 || with.Count == candidates.Count)
        {
            return candidates;
        }

        double penalty = with.Min(i => _predictions[i].TtftMs)
            - candidates.Except(with).Min(i => _predictions[i].TtftMs);
        return options.MaxTtftPenaltyMs > 0 && penalty > options.MaxTtftPenaltyMs ? candidates : with;
    }

    /// <summary>Those within the limits, or seldom those beyond them; all where there are only such or such.</summary>
    private List<int> WithinTheLimits(List<int> candidates, ref Draws draws)
    {
        List<int> within = candidates.FindAll(i => RoomOn(i, isIdle: false).IsWithin);
        return within.Count == 0 || within.Count == candidates.Count ? candidates
            : draws.NextUnit() < options.EpsilonExploreNeg ? [.. candidates.Except(within)]
            : within;
    }

    /// <summary>What is left of the limits on a replica; without any, a limit of nothing, as in llm-d.</summary>
    private Headroom RoomOn(int replica, bool isIdle)
    {
        (double ttft, double tpot) = (_predictions[replica].TtftMs, _predictions[replica].TpotMs);
        return options is { TtftMs: null, TpotMs: null }
            ? new Headroom(-ttft, -tpot, isIdle)
            : new Headroom(options.TtftMs - ttft ?? 0, options.TpotMs - tpot ?? 0, isIdle);
    }

    /// <summary>Tokens of a prompt that are not computed; its last one is in any case.</summary>
    private int CachedTokens(ClientRequest request, int? blocks) =>
        Math.Min((blocks ?? 0) * options.BlockTokens, request.PromptTokens - 1);

    /// <summary>
    /// All prompts that wait and this one are computed in chunks that fill steps beside the decodes; the first token
    /// comes with the last chunk.
    /// </summary>
    private Prediction PredictionOf(int prefillTokens, int cachedTokens, double knownShare, ReplicaView replica)
    {
        (int decodes, long context) = _active.DecodingOn(replica);
        context += (long)decodes * options.ExpectedOutputTokens / 2;
        long before = _active.PrefillTokensOf(replica);
        long toCompute = before + prefillTokens;
        long chunk = Math.Max(1, replica.Replica.State.Config.MaxNumBatchedTokens - decodes);
        long fullSteps = (toCompute - 1) / chunk;
        int last = (int)(toCompute - (fullSteps * chunk));
        double ttft = StepMs(last, cachedTokens + Math.Max(0, prefillTokens - last), decodes, context);
        if (fullSteps > 0)
        {
            ttft += fullSteps * StepMs((int)chunk, cachedTokens, decodes, context);
        }

        int own = prefillTokens + cachedTokens + (options.ExpectedOutputTokens / 2);
        return new Prediction(prefillTokens, knownShare, ttft, StepMs(0, 0, decodes + 1, context + own));

        double StepMs(int tokens, int contextBefore, int others, long contextTokens)
        {
            ReadOnlySpan<PrefillChunk> prefill = tokens == 0 ? [] : [new PrefillChunk(tokens, contextBefore)];
            StepShape shape = new(prefill, others, contextTokens, others + prefill.Length);
            return replica.Latency.TimeOf(shape).Sum.TotalMilliseconds;
        }
    }
}
