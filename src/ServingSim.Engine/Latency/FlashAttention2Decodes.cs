using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What decodes take beside a chunk of more than one prompt token, where one call of FlashAttention 2 serves both. That
/// call packs the query heads of a key-value head into one tile, and splits long contexts, only if no request has more
/// than one query (flash-attention's flash_api.cpp: seqlenq_ngroups_swapped). Beside a prompt every query head of every
/// decode has a tile of its own, of one row filled, and goes through its whole context alone; and it is given as many
/// tiles as the longest chunk, all but one of them empty (vLLM's pull request 58013 tells so of A100 to RTX 40). The
/// speeds are those of prompts' tiles and of reading KV; only what an empty tile takes is from tables of mixed steps.
/// </summary>
/// <param name="TileSeconds">Seconds to compute the tiles of all query heads for each token of context.</param>
/// <param name="KvSeconds">Seconds to read the KV of one token once.</param>
/// <param name="HeadSeconds">Seconds that the query heads of each decode take.</param>
/// <param name="ChainSeconds">Seconds that a tile takes for each token of its context.</param>
/// <param name="Sharing">Query heads that share a key-value head.</param>
/// <param name="Sms">Multiprocessors: so many tiles are under way at a time.</param>
/// <param name="CachedTokens">Of how many tokens the L2 cache holds the KV of one head.</param>
/// <param name="EmptySeconds">Seconds that a tile without a row takes, for all query heads of a decode.</param>
/// <param name="TileRows">Rows of a tile.</param>
internal readonly record struct FlashAttention2Decodes(
    double TileSeconds,
    double KvSeconds,
    double HeadSeconds,
    double ChainSeconds,
    double Sharing,
    double Sms,
    double CachedTokens,
    double EmptySeconds,
    int TileRows)
{
    private const int UsualTileRows = 64;
    private const double UsualHeadSize = 128;

    // LLMServingSim's tables: with 16 to 128 decodes beside 512 to 2,048 prompt tokens an empty tile takes 2.8 ns on an
    // RTX 4090 and 1.8 ns on an RTX PRO 6000, with 128 and 188 multiprocessors: on each of those 0.36 and 0.34 µs
    private const double EmptyTileSeconds = 0.35e-6;

    /// <summary>The decodes of some layers' attention; null where they are not computed so.</summary>
    internal static FlashAttention2Decodes? Of(
        RooflineOptions options, ModelShard shard, GpuSpec gpu, KvCacheDtype dtype, double layers)
    {
        int rows = options.Decode.MixedTileRows ?? (gpu.RunsFlashAttention2 ? UsualTileRows : 0);
        if (rows == 0 || shard.Model.Mla is not null)
        {
            return null;
        }

        double bandwidth = gpu.HbmGbPerS * 1e9;
        double flops = 2.0 * rows * (shard.QueryWidth + shard.AttentionWidth);
        double kvBytes = shard.KvBytesPerTokenAndLayer(dtype);
        return new FlashAttention2Decodes(
            layers * flops / (gpu.FlopsPerS(WeightDtype.Bf16) * options.Prefill.Compute),
            layers * kvBytes / (bandwidth * options.Decode.Memory),
            layers * shard.QueryHeads * options.Decode.UsPerKvHead * 1e-6,
            layers * options.Prefill.NsPerContextToken * 1e-9 * shard.Model.HeadSize / UsualHeadSize,
            (double)shard.QueryHeads / shard.KvHeads,
            gpu.Sms ?? double.PositiveInfinity,
            gpu.L2Mb is { } l2 ? l2 * 1e6 * shard.KvHeads / kvBytes : double.PositiveInfinity,
            gpu.Sms is { } sms ? layers * shard.QueryHeads * EmptyTileSeconds / sms : 0,
            rows);
    }

    /// <summary>
    /// √(max(tiles, reading)² + heads² + chain²) + empty tiles. Tiles start in the order of their heads, the decodes of
    /// one head after another; so heads that share keys and values find them in the L2 cache where they are under way
    /// together, or where it holds those of all decodes, and read them anew elsewhere.
    /// </summary>
    /// <param name="decodes">Requests that decode.</param>
    /// <param name="contextTokens">Tokens that they attend to together.</param>
    /// <param name="longestChunk">Prompt tokens of the request that computes most.</param>
    internal double Seconds(int decodes, long contextTokens, int longestChunk)
    {
        double together = Math.Clamp(Sms / decodes, 1, Sharing);
        double reads = contextTokens > CachedTokens ? Sharing / together : 1;
        double busy = Math.Max(TileSeconds, KvSeconds * reads) * contextTokens;
        double heads = HeadSeconds * decodes;
        double chain = ChainSeconds * contextTokens / decodes;
        double empty = EmptySeconds * decodes * ((longestChunk - 1) / TileRows);
        return Math.Sqrt((busy * busy) + (heads * heads) + (chain * chain)) + empty;
    }

    /// <summary>Prompt tokens of the request that computes most of them.</summary>
    internal static int LongestChunk(in StepShape shape)
    {
        int longest = 0;
        foreach (PrefillChunk chunk in shape.Prefills)
        {
            longest = Math.Max(longest, chunk.Tokens);
        }

        return longest;
    }
}
