namespace ServingSim.Tests.Oracle;

/// <summary>Which version of vLLM's rules: V1 as of 2026-02-15, or as of 2026-08-17.</summary>
internal enum OracleProfile
{
    VllmV1,
    VllmV1Late,
}

/// <summary>The order of the waiting queue and the choice of victims.</summary>
internal enum OraclePolicy
{
    Fcfs,
    Priority,

    /// <summary>Not vLLM's: the disciplines that BurstGPT compares with fcfs.</summary>
    ShortestFirst,
    LongestFirst,
}

/// <summary>What the policies by length take for the length of a request.</summary>
internal enum OracleLength
{
    Prompt,
    PredictedOutput,
    PredictedTotal,
}

/// <summary>The fields of vLLM's configuration that the scheduler and the block manager read.</summary>
internal sealed record OracleConfig
{
    public OracleProfile Profile { get; init; } = OracleProfile.VllmV1;

    /// <summary>N: includes the null block 0, so that N - 1 can be used.</summary>
    public required int NumGpuBlocks { get; init; }

    public int BlockSize { get; init; } = 16;

    public int MaxNumBatchedTokens { get; init; } = 8192;

    public int MaxNumSeqs { get; init; } = 1024;

    public required int MaxModelLen { get; init; }

    /// <summary>The longest prefill chunk, in tokens; 0 is off.</summary>
    public int LongPrefillTokenThreshold { get; init; }

    public bool EnableChunkedPrefill { get; init; } = true;

    public bool EnablePrefixCaching { get; init; } = true;

    public OraclePolicy Policy { get; init; } = OraclePolicy.Fcfs;

    /// <summary>Read by the policies by length only.</summary>
    public OracleLength Length { get; init; } = OracleLength.Prompt;

    /// <summary>Whether two steps may be in flight.</summary>
    public bool AsyncScheduling { get; init; }

    /// <summary>The stages of a pipeline, each of which may hold a step; none where there is no pipeline.</summary>
    public IReadOnlyList<OracleStage> Stages { get; init; } = [];

    /// <summary>Late profile: admit only if the blocks of all known tokens fit, not just the first chunk's.</summary>
    public bool ReserveFullIsl { get; init; }

    /// <summary>Late profile: the share of all blocks that an admission leaves free while something runs.</summary>
    public double Watermark { get; init; }

    /// <summary>Throws where vLLM would refuse to start, or where an option would be ignored.</summary>
    public void Validate()
    {
        Require(MaxModelLen <= (NumGpuBlocks - 1) * BlockSize, "one sequence of max_model_len does not fit");
        Require(MaxNumBatchedTokens >= MaxNumSeqs, "max_num_batched_tokens < max_num_seqs");
        Require(EnableChunkedPrefill || MaxNumBatchedTokens >= MaxModelLen, "unchunked prompts exceed the budget");
        Require(MaxNumSeqs >= 1 && BlockSize >= 1 && MaxModelLen >= 2, "a size is not positive");
        bool late = Profile == OracleProfile.VllmV1Late;
        Require(late || (!ReserveFullIsl && Watermark == 0), "an option of the late profile only");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ArgumentException(otherwise);
        }
    }
}
