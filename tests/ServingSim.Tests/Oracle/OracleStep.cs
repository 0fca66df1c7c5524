namespace ServingSim.Tests.Oracle;

/// <summary>One request's prefill tokens in a step, and how many of its tokens have KV before.</summary>
internal readonly record struct OracleChunk(int Tokens, int ContextBefore);

/// <summary>What a step computes, as far as its duration is concerned.</summary>
/// <param name="Prefills">The prefill chunks, in the order in which they were scheduled.</param>
/// <param name="Decodes">How many requests decode one token each.</param>
/// <param name="DecodeContextTokens">Σ over the decodes of the tokens attended to, the new one included.</param>
/// <param name="SampledTokens">How many requests sample a token.</param>
internal sealed record OracleStepShape(
    IReadOnlyList<OracleChunk> Prefills, int Decodes, long DecodeContextTokens, int SampledTokens)
{
    /// <summary>The shape of what is scheduled, of which so many requests sample.</summary>
    public static OracleStepShape Of(List<OracleScheduled> parts, int sampled)
    {
        List<OracleScheduled> decodes = parts.FindAll(part => part.IsDecode);
        return new(
            [.. parts.Where(part => !part.IsDecode).Select(p => new OracleChunk(p.Tokens, p.ContextBefore))],
            decodes.Count,
            decodes.Sum(part => (long)part.ContextBefore + part.Tokens),
            sampled);
    }
}

/// <summary>One request's part of a step.</summary>
/// <param name="Request">Its id.</param>
/// <param name="Tokens">Tokens computed in this step.</param>
/// <param name="ContextBefore">Its tokens that have KV before the step.</param>
/// <param name="IsDecode">Whether it goes on from a token sampled since its last admission.</param>
/// <param name="NewBlocks">Blocks appended; for an admission the whole block table, hits first.</param>
internal sealed record OracleScheduled(
    int Request, int Tokens, int ContextBefore, bool IsDecode, IReadOnlyList<int> NewBlocks);

/// <summary>One request taken from the waiting queue.</summary>
/// <param name="Request">Its id.</param>
/// <param name="HitTokens">Tokens found in the prefix cache.</param>
/// <param name="KnownTokens">Its prompt and output tokens at that moment.</param>
/// <param name="IsResumed">Whether it was preempted before.</param>
internal sealed record OracleAdmitted(int Request, int HitTokens, int KnownTokens, bool IsResumed);

/// <summary>Why a step admits nobody else.</summary>
internal enum OracleStop
{
    NobodyWaits,
    Preemption,
    Budget,
    Seqs,
    UnsplitPrompt,
    Blocks,
}

/// <summary>All that one step decided and did; requests are named by their ids.</summary>
internal sealed class OracleStep
{
    public required int Index { get; init; }

    /// <summary>When it was decided, in ticks.</summary>
    public required long Start { get; init; }

    public required OracleStepShape Shape { get; init; }

    public required long Duration { get; init; }

    public long End => Start + Duration;

    /// <summary>The part of the duration that passes on the host, before the device's.</summary>
    public long Host { get; init; }

    /// <summary>When the device will have done it.</summary>
    public long DeviceEnd { get; set; }

    /// <summary>When its tokens were processed.</summary>
    public long Processed { get; set; }

    /// <summary>In the scheduler's order: running requests, then admissions.</summary>
    public required IReadOnlyList<OracleScheduled> Scheduled { get; init; }

    public required IReadOnlyList<OracleAdmitted> Admitted { get; init; }

    /// <summary>In order of preemption.</summary>
    public required IReadOnlyList<int> Preempted { get; init; }

    /// <summary>The running list after the decision.</summary>
    public required IReadOnlyList<int> Running { get; init; }

    /// <summary>The waiting queue after the decision, front first.</summary>
    public required IReadOnlyList<int> Waiting { get; init; }

    /// <summary>The request that got no block although it was the last one running; null if there was none.</summary>
    public required int? PreemptsItself { get; init; }

    /// <summary>Why nobody else was admitted.</summary>
    public required OracleStop Stop { get; init; }

    /// <summary>Free blocks after the decision.</summary>
    public required int FreeBlocks { get; init; }

    /// <summary>Requests that got a token at the step's end, in scheduling order.</summary>
    public List<int> Sampled { get; } = [];

    /// <summary>Requests that finished at the step's end, in the order in which their blocks were released.</summary>
    public List<int> Finished { get; } = [];

    /// <summary>Free blocks after the step's end.</summary>
    public int FreeBlocksAfter { get; set; }
}
