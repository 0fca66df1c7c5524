using System.ComponentModel;
using ServingSim.Cluster.Routing;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Admission;

/// <summary>Options of <c>early-rejection</c>.</summary>
/// <param name="DecodeTime">
/// How long every request is taken to decode, where the decode load is predicted (Mooncake's uniform decode time).
/// </param>
/// <param name="Ttft">A request is refused whose predicted time to first token is longer.</param>
/// <param name="Tbt">A request is refused whose predicted time between tokens is longer.</param>
/// <param name="DecodeLoad">The decode load that the time between tokens is predicted from.</param>
public sealed record EarlyRejectionOptions(
    [property: DefaultValue("10s")] SimTime DecodeTime,
    SimTime? Ttft = null,
    SimTime? Tbt = null,
    DecodeLoad DecodeLoad = DecodeLoad.Now) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Ttft is null && Tbt is null)
        {
            yield return (null, "limits nothing, expected ttft, tbt or both");
        }

        foreach ((string name, SimTime? limit) in new[]
        {
            (nameof(Ttft), Ttft), (nameof(Tbt), Tbt), (nameof(DecodeTime), DecodeTime),
        })
        {
            if (limit <= SimTime.Zero)
            {
                yield return (name, "found 0, expected more");
            }
        }
    }
}

/// <summary>Which decode load a request is judged by.</summary>
public enum DecodeLoad
{
    /// <summary>
    /// That of its arrival. It is one prefill too early: load swings, as all are let in while those before are still
    /// prefilled, and all refused when they decode.
    /// </summary>
    Now,

    /// <summary>That of the end of its prefill, every request taken to decode for the same time.</summary>
    Predicted,
}

/// <summary>
/// Refuses a request at its arrival whose latencies would be too long (Mooncake, FAST 2025, Algorithm 1, lines 24-27;
/// early rejection and its prediction: arXiv 2407.00079, §7). TTFT is that of all prompts that wait on the chosen
/// replica and of its own, as far as they are not in its prefix cache (Algorithm 1's T_prefill(len, prefix), by the
/// cache's own events, as Mooncake's conductor looks for block keys in each instance's cache), in chunks that fill
/// steps, as the latency model tells; TBT is that of a step in which it decodes with those that will. Both go by what
/// the router itself counts.
/// </summary>
public sealed class EarlyRejection(EarlyRejectionOptions options) : IAdmissionPolicy
{
    private readonly KvEventIndex _caches = new();

    /// <summary>Of those that were let in and wait, the prompt tokens that were cached when they came.</summary>
    private readonly ActiveSequences _cachedOfWaiting = new();

    /// <inheritdoc/>
    public string? ReasonToRefuse(in Applicant applicant)
    {
        int cached = CachedTokens(applicant.Request, applicant.Chosen);
        SimTime ttft = TtftOf(applicant, cached);
        if (ttft > options.Ttft)
        {
            return "early_ttft";
        }

        if (options.Tbt is { } limit && TbtOf(applicant, ttft) > limit)
        {
            return "early_tbt";
        }

        if (cached > 0)
        {
            _cachedOfWaiting.Add(applicant.Request, applicant.Chosen, cached, shares: false);
        }

        return null;
    }

    /// <summary>The beginning of a prompt that the replica need not compute; its last token it always does.</summary>
    internal int CachedTokens(ClientRequest request, ReplicaView replica) =>
        !replica.Replica.State.Config.EnablePrefixCaching ? 0
        : replica.BlockSize
            * Math.Min(_caches.Find(request.Prompt, replica), (request.PromptTokens - 1) / replica.BlockSize);

    /// <summary>The time to first token that is predicted where so much of its prompt is cached.</summary>
    internal SimTime TtftOf(in Applicant applicant, int cached)
    {
        ReplicaView replica = applicant.Chosen;
        long waiting = replica.PrefillTokens - _cachedOfWaiting.PrefillTokensOf(replica);
        long toCompute = waiting + applicant.Request.PromptTokens - cached;
        long decodes = replica.Outstanding - replica.PrefillRequests;
        long context = replica.OutstandingPromptTokens - replica.PrefillTokens;
        long chunk = Math.Max(1, replica.Replica.State.Config.MaxNumBatchedTokens - decodes);
        long fullSteps = (toCompute - 1) / chunk;
        int rest = (int)(toCompute - (fullSteps * chunk));
        SimTime last = StepOf(replica, new PrefillChunk(rest, cached), decodes, context);
        return fullSteps == 0
            ? last
            : last + (StepOf(replica, new PrefillChunk((int)chunk, 0), decodes, context) * fullSteps);
    }

    /// <summary>The time between its tokens that is predicted, if its first comes so long from now.</summary>
    private SimTime TbtOf(in Applicant applicant, SimTime ttft)
    {
        if (applicant.DecodeReplicas.Count == 0)
        {
            return TbtOn(applicant.Chosen, applicant, ttft, Waiting(applicant.Chosen), 1);
        }

        // Whatever is prefilled before it is shared by the decode replicas
        (long Requests, long Tokens) waiting =
            (applicant.Replicas.Sum(r => r.PrefillRequests), applicant.Replicas.Sum(r => r.PrefillTokens));
        SimTime least = SimTime.Max;
        foreach (ReplicaView decode in applicant.DecodeReplicas)
        {
            least = SimTime.Min(
                least, TbtOn(decode, applicant, ttft, waiting, applicant.DecodeReplicas.Count));
        }

        return least;
    }

    /// <param name="decode">Where it would decode.</param>
    /// <param name="applicant">Who.</param>
    /// <param name="ttft">How long from now.</param>
    /// <param name="waiting">Requests, and their prompt tokens, that will decode before it and do not now.</param>
    /// <param name="sharers">How many replicas those will be spread over.</param>
    private SimTime TbtOn(
        ReplicaView decode, in Applicant applicant, SimTime ttft, (long Requests, long Tokens) waiting, int sharers)
    {
        long decodes = decode.Outstanding - decode.PrefillRequests;
        long context = decode.OutstandingPromptTokens - decode.PrefillTokens;
        if (options.DecodeLoad == DecodeLoad.Predicted)
        {
            // Decoding now, at any point of the decode time alike: so many still will
            SimTime left = SimTime.Later(options.DecodeTime - ttft, SimTime.Zero);
            decodes = Share(decodes, left, options.DecodeTime);
            context = Share(context, left, options.DecodeTime);

            // First tokens come evenly until its own: of those, so many will not have ended
            SimTime recent = SimTime.Min(options.DecodeTime, ttft);
            decodes += Share(waiting.Requests, recent, ttft) / sharers;
            context += Share(waiting.Tokens, recent, ttft) / sharers;
        }

        return StepOf(decode, null, decodes + 1, context + applicant.Request.PromptTokens + 1);
    }

    private static (long, long) Waiting(ReplicaView replica) => (replica.PrefillRequests, replica.PrefillTokens);

    /// <summary>To the nearest, half of one being one.</summary>
    private static long Share(long of, SimTime part, SimTime whole) =>
        (long)(((2 * (Int128)of * part.Ticks) + whole.Ticks) / (2 * (Int128)Math.Max(1, whole.Ticks)));

    private static SimTime StepOf(ReplicaView replica, PrefillChunk? chunk, long decodes, long context)
    {
        ReadOnlySpan<PrefillChunk> prefill = chunk is { } some ? [some] : [];
        StepShape shape = new(prefill, (int)decodes, context, (int)decodes + prefill.Length);
        return replica.Latency.TimeOf(shape).Sum;
    }
}
