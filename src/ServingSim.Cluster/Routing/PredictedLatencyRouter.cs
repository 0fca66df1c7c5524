using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>predicted-latency</c>.</summary>
/// <param name="TtftMs">The limit of time to first token, in ms; null for none.</param>
/// <param name="TpotMs">The limit of time per output token, in ms; null for none.</param>
/// <param name="TtftWeight">What TTFT counts beside TPOT.</param>
/// <param name="TpotWeight">What TPOT counts beside TTFT.</param>
/// <param name="Headroom">Which of the replicas within the limits is chosen.</param>
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

        if (ExpectedOutputTokens < 1)
        {
            yield return (nameof(ExpectedOutputTokens), $"found {ExpectedOutputTokens}, expected at least 1");
        }

        if (BlockTokens < 1)
        {
            yield return (nameof(BlockTokens), $"found {BlockTokens}, expected at least 1");
        }

        if (LruCapacity < 0)
        {
            yield return (nameof(LruCapacity), $"found {LruCapacity}, expected at least 0");
        }
    }
}

/// <summary>Which of the replicas that would keep the limits is chosen.</summary>
public enum HeadroomRule
{
    /// <summary>That with the least room left, so that others stay free for what needs more.</summary>
    Least,

    /// <summary>That with the most room left.</summary>
    Most,
}

/// <summary>
/// Asks each replica's latency model for the TTFT and TPOT of the request there, and weighs both (Gateway API Inference
/// Extension, predictedlatencyscorer, 2026, which learns such a model instead). Where some replicas would keep the
/// limits, the least (or most) room left decides, else the least excess; without limits, the lowest latencies. Each is
/// put in proportion to its range over the candidates before it is weighed.
/// </summary>
/// <remarks>
/// It knows what a router knows: its own requests, which of them have had a first token, their prompts, and what it
/// sent where before. That a GPU has become slower it does not. Beyond the limits, replicas without any request come
/// first, as there. The best is taken, where the real one draws by weights; ties go to the first.
/// </remarks>
public sealed class PredictedLatencyRouter(PredictedLatencyOptions options) : IRouter
{
    private readonly ActiveSequences _active = new();
    private readonly RecentPrefixes? _recent = options.LruCapacity == 0
        ? null
        : new RecentPrefixes(options.BlockTokens, int.MaxValue, options.LruCapacity);

    private Prediction[] _predictions = [];

    /// <summary>What a replica would do to a request.</summary>
    /// <param name="PrefillTokens">Tokens of its prompt that it would compute.</param>
    /// <param name="TtftMs">Time to first token.</param>
    /// <param name="TpotMs">Time of a step that decodes with it.</param>
    internal readonly record struct Prediction(int PrefillTokens, double TtftMs, double TpotMs);

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        IReadOnlyList<Prediction> predictions = Predict(request, replicas);
        List<int> all = [.. Enumerable.Range(0, replicas.Count)];
        if (options is { TtftMs: null, TpotMs: null })
        {
            return Least(all, i => predictions[i].TtftMs, i => predictions[i].TpotMs);
        }

        List<int> within = all.FindAll(i => TtftRoom(i) >= 0 && TpotRoom(i) >= 0);
        if (within.Count > 0)
        {
            double sign = options.Headroom == HeadroomRule.Least ? 1 : -1;
            return Least(within, i => sign * TtftRoom(i), i => sign * TpotRoom(i));
        }

        List<int> idle = all.FindAll(i => replicas[i].Outstanding == 0);
        return Least(
            idle.Count > 0 ? idle : all, i => Math.Max(0, -TtftRoom(i)), i => Math.Max(0, -TpotRoom(i)));

        double TtftRoom(int i) => options.TtftMs is { } limit ? limit - predictions[i].TtftMs : 0;

        double TpotRoom(int i) => options.TpotMs is { } limit ? limit - predictions[i].TpotMs : 0;
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
        for (int i = 0; i < replicas.Count; i++)
        {
            int cached = CachedTokens(request, known?[i]);
            _predictions[i] = PredictionOf(request.PromptTokens - cached, cached, replicas[i]);
        }

        return _predictions;
    }

    /// <summary>Tokens of a prompt that are not computed; its last one is in any case.</summary>
    private int CachedTokens(ClientRequest request, int? blocks) =>
        Math.Min((blocks ?? 0) * options.BlockTokens, request.PromptTokens - 1);

    /// <summary>
    /// All prompts that wait and this one are computed in chunks that fill steps beside the decodes; the first token
    /// comes with the last chunk.
    /// </summary>
    private Prediction PredictionOf(int prefillTokens, int cachedTokens, ReplicaView replica)
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
        return new Prediction(prefillTokens, ttft, StepMs(0, 0, decodes + 1, context + own));

        double StepMs(int tokens, int contextBefore, int others, long contextTokens)
        {
            ReadOnlySpan<PrefillChunk> prefill = tokens == 0 ? [] : [new PrefillChunk(tokens, contextBefore)];
            StepShape shape = new(prefill, others, contextTokens, others + prefill.Length);
            return replica.Latency.TimeOf(shape).Sum.TotalMilliseconds;
        }
    }

    /// <summary>The first candidate with the least weighted sum of two measures, each over its range.</summary>
    private int Least(List<int> candidates, Func<int, double> ttft, Func<int, double> tpot)
    {
        (double Least, double Range) ttfts = RangeOf(ttft);
        (double Least, double Range) tpots = RangeOf(tpot);
        return candidates.MinBy(i =>
            (options.TtftWeight * (ttft(i) - ttfts.Least) / ttfts.Range)
            + (options.TpotWeight * (tpot(i) - tpots.Least) / tpots.Range));

        (double, double) RangeOf(Func<int, double> measure)
        {
            (double least, double most) = (candidates.Min(measure), candidates.Max(measure));
            return (least, most > least ? most - least : 1);
        }
    }
}
