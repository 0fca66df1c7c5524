namespace ServingSim.Tests.Oracle;

/// <summary>The first tokens of a named stream of tokens, as a part of a prompt.</summary>
internal readonly record struct OracleSegment(string Stream, int Tokens);

/// <summary>One request. Its output is the stream <c>out:r[id]</c>, which later prompts may quote.</summary>
/// <param name="Id">Unique in a run.</param>
/// <param name="Prompt">The segments, in order.</param>
/// <param name="MaxTokens">Output tokens, unless max_model_len ends the request before.</param>
/// <param name="Arrival">When it arrives, in ticks.</param>
internal sealed record OracleRequest(int Id, IReadOnlyList<OracleSegment> Prompt, int MaxTokens, long Arrival)
{
    /// <summary>Prefixes are shared only under the same salt.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>Lower is more urgent. Read by the priority policy only, as the next two.</summary>
    public int Priority { get; init; }

    /// <summary>Breaks ties of <see cref="Priority"/>: earlier is more urgent. Null: the arrival.</summary>
    public long? RankTime { get; init; }

    /// <summary>Breaks the remaining ties of the waiting queue, in ordinal order. Null: <c>r[id]</c>.</summary>
    public string? TieKey { get; init; }

    /// <summary>Read by the policies by predicted length only.</summary>
    public int? PredictedTokens { get; init; }

    /// <summary>The number of the output token that is an end of sequence; null: none is.</summary>
    public int? EosAt { get; init; }

    /// <summary>Whether its blocks are kept when it has finished, for another replica to read.</summary>
    public bool KeepsKv { get; init; }

    /// <summary>When another replica sampled its first token, with which it comes; null: it comes with none.</summary>
    public long? FirstTokenTime { get; init; }

    public string OutputStream => $"out:r{Id}";

    public int PromptTokens => Prompt.Sum(p => p.Tokens);

    /// <summary>What the policies by length order it by.</summary>
    public int LengthBy(OracleLength measure) => measure switch
    {
        OracleLength.Prompt => PromptTokens,
        OracleLength.PredictedOutput => PredictedTokens!.Value,
        _ => PromptTokens + PredictedTokens!.Value,
    };
}
