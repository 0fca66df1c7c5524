namespace ServingSim.Engine.Kv;

/// <summary>What the full blocks of a prompt hold, as engines hash them and tell of them.</summary>
public static class PromptBlocks
{
    /// <summary>The keys of a prompt's full blocks, in order.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="blockSize">Tokens in a block.</param>
    public static IEnumerable<BlockKey> KeysOf(PromptContent prompt, int blockSize)
    {
        BlockKeyChain chain = new(blockSize);
        chain.Begin(prompt, TokenStream.OutputOf(0));
        int blocks = prompt.Tokens / blockSize;
        for (int block = 0; block < blocks; block++)
        {
            Stretch stretch = chain.StretchOf(block);
            yield return stretch.Key.Later(block - stretch.First);
        }
    }
}
