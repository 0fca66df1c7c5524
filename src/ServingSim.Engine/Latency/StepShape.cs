namespace ServingSim.Engine.Latency;

/// <summary>One request's prefill tokens in a step.</summary>
/// <param name="Tokens">Tokens computed in this step, at least one.</param>
/// <param name="ContextBefore">Tokens of the request whose KV exists already (cached or computed before).</param>
public readonly record struct PrefillChunk(int Tokens, int ContextBefore);

/// <summary>What a step computes, as far as its duration is concerned.</summary>
public readonly ref struct StepShape
{
    /// <summary>A step's shape.</summary>
    /// <param name="prefills">The prefill chunks, in the order in which they were scheduled.</param>
    /// <param name="decodes">How many requests decode one token each.</param>
    /// <param name="decodeContextTokens">Σ over the decodes of the tokens attended to, the new one included.</param>
    /// <param name="sampledTokens">How many requests sample a token: the decodes and every last prompt chunk.</param>
    /// <param name="admissions">How many requests the step takes from the waiting queue.</param>
    public StepShape(
        ReadOnlySpan<PrefillChunk> prefills,
        int decodes,
        long decodeContextTokens,
        int sampledTokens,
        int admissions = 0)
    {
        Admissions = admissions;
        Prefills = prefills;
        Decodes = decodes;
        DecodeContextTokens = decodeContextTokens;
        SampledTokens = sampledTokens;
        foreach (PrefillChunk chunk in prefills)
        {
            PrefillTokens += chunk.Tokens;
        }
    }

    /// <summary>The prefill chunks, in the order in which they were scheduled.</summary>
    public ReadOnlySpan<PrefillChunk> Prefills { get; }

    /// <summary>How many requests decode one token each.</summary>
    public int Decodes { get; }

    /// <summary>Σ over the decodes of the tokens attended to, the new one included.</summary>
    public long DecodeContextTokens { get; }

    /// <summary>How many requests sample a token: the decodes and every last prompt chunk.</summary>
    public int SampledTokens { get; }

    /// <summary>How many requests the step takes from the waiting queue.</summary>
    public int Admissions { get; }

    /// <summary>How many requests compute something.</summary>
    public int Sequences => Decodes + Prefills.Length;

    /// <summary>Σ of the prefill chunks' tokens.</summary>
    public int PrefillTokens { get; }

    /// <summary>All tokens that the step computes.</summary>
    public int Tokens => PrefillTokens + Decodes;
}
