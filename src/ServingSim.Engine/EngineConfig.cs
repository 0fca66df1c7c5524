namespace ServingSim.Engine;

/// <summary>An engine's limits, every one resolved to a number, under the engine's own names (vLLM V1).</summary>
/// <param name="BlockSize">Tokens in a KV block.</param>
/// <param name="NumGpuBlocks">N, the KV blocks of a replica, the null block included.</param>
/// <param name="MaxNumBatchedTokens">Tokens that a step may compute.</param>
/// <param name="MaxNumSeqs">Requests that may run at a time.</param>
/// <param name="MaxModelLen">Tokens that a request may have, prompt and output together.</param>
/// <param name="EnableChunkedPrefill">Whether a prompt may be admitted that does not fit a step's tokens.</param>
/// <param name="LongPrefillTokenThreshold">Tokens of one request that a step computes at most; 0: no limit.</param>
/// <param name="EnablePrefixCaching">Whether full blocks are kept and found by what they hold.</param>
public sealed record EngineConfig(
    int BlockSize,
    int NumGpuBlocks,
    int MaxNumBatchedTokens,
    int MaxNumSeqs,
    int MaxModelLen,
    bool EnableChunkedPrefill = true,
    int LongPrefillTokenThreshold = 0,
    bool EnablePrefixCaching = true)
{
    /// <summary>
    /// Decode steps that one event may advance. More than one saves time and changes no result; 1 lets observers see
    /// every step.
    /// </summary>
    public int MaxRunSteps { get; init; } = int.MaxValue;

    /// <summary>
    /// Steps that may be planned before the tokens of the oldest of them are there: 1, or with asynchronous scheduling
    /// 2 (vLLM's batch queue).
    /// </summary>
    public int MaxPlansInFlight { get; init; } = 1;

    /// <summary>
    /// Stages of a pipeline, each of which may compute another step, so that as many may be planned before the tokens
    /// of the oldest of them are there (vLLM's batch queue); 1: no pipeline, or one that holds a step at a time.
    /// </summary>
    public int PipelineStages { get; init; } = 1;

    /// <summary>Why an engine would not start like this; empty when it would (vLLM V1's own start-up checks).</summary>
    public IEnumerable<string> Problems()
    {
        if (BlockSize < 1)
        {
            yield return $"block_size is {BlockSize}, but must be at least 1";
            yield break;
        }

        if (MaxNumSeqs < 1)
        {
            yield return $"max_num_seqs is {MaxNumSeqs}, but must be at least 1";
        }

        if (MaxModelLen < 2)
        {
            yield return $"max_model_len is {MaxModelLen}, but must hold a prompt and an output token";
        }

        if (MaxPlansInFlight is not (1 or 2))
        {
            yield return $"{MaxPlansInFlight} steps are planned ahead, but 1 or 2 can be";
        }

        if (PipelineStages < 1 || (PipelineStages > 1 && MaxPlansInFlight > 1))
        {
            yield return $"{PipelineStages} pipeline stages and {MaxPlansInFlight} steps planned ahead, but one of the "
                + "two must be 1";
        }

        if (LongPrefillTokenThreshold < 0)
        {
            yield return $"long_prefill_token_threshold is {LongPrefillTokenThreshold}, but must be at least 0 (off)";
        }

        if (MaxNumBatchedTokens < MaxNumSeqs)
        {
            yield return $"max_num_batched_tokens ({MaxNumBatchedTokens}) is less than max_num_seqs ({MaxNumSeqs})";
        }

        if (!EnableChunkedPrefill && MaxNumBatchedTokens < MaxModelLen)
        {
            yield return $"max_num_batched_tokens ({MaxNumBatchedTokens}) is less than max_model_len ({MaxModelLen}), "
                + "which needs enable_chunked_prefill";
        }

        long tokens = (NumGpuBlocks - 1L) * BlockSize;
        if (tokens < MaxModelLen)
        {
            yield return $"max_model_len is {MaxModelLen}, but the KV cache holds only {Math.Max(0, tokens)} tokens "
                + $"({Math.Max(0, NumGpuBlocks - 1)} blocks of {BlockSize})";
        }
    }
}
