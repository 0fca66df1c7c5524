using ServingSim.Kernel;

namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// The order in which unused blocks are given up. A policy owns every block that no request uses, hashed or not; at
/// first that is every block 1 … N − 1, in this order. It never sees a block in use, except for statistics. To keep
/// cached chains without holes it should give up the end of a chain before its beginning.
/// </summary>
public interface IEvictionPolicy
{
    /// <summary>Until when the order stands by itself; null for a policy that reads no clock.</summary>
    SimTime? StableUntil => null;

    /// <summary>
    /// No request uses these blocks any more; those that are <paramref name="hashed"/> can still be hit.
    /// </summary>
    void Freed(BlockRun run, bool hashed);

    /// <summary>A prompt hit these blocks: they leave the policy's set.</summary>
    void Reused(BlockRun run);

    /// <summary>Gives up as many blocks as <paramref name="taken"/> holds; there are always enough.</summary>
    void Take(Span<BlockId> taken);

    /// <summary>A block in use now holds <paramref name="key"/>; for statistics only.</summary>
    void Inserted(BlockId block, BlockKey key)
    {
    }

    /// <summary>A prompt hit this block, in use or not; for statistics only.</summary>
    void Hit(BlockId block, BlockKey key)
    {
    }
}
