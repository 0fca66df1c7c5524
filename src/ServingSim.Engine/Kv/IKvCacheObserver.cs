namespace ServingSim.Engine.Kv;

/// <summary>
/// Hears which full blocks a replica's prefix cache holds, as blocks come and go (vLLM's KV events BlockStored,
/// BlockRemoved and AllBlocksCleared). Several blocks may hold the same; each is told of.
/// </summary>
public interface IKvCacheObserver
{
    /// <summary>Adjacent blocks of one stretch are held now.</summary>
    /// <param name="first">What the first of them holds.</param>
    /// <param name="blocks">How many there are.</param>
    void Stored(BlockKey first, int blocks);

    /// <summary>Adjacent blocks of one stretch were given up.</summary>
    /// <param name="first">What the first of them held.</param>
    /// <param name="blocks">How many there were.</param>
    void Removed(BlockKey first, int blocks);

    /// <summary>Nothing is held any more.</summary>
    void Cleared();
}
