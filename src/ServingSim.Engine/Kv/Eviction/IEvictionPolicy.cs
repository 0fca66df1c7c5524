using ServingSim.Kernel;

namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// The order in which unused blocks are given up. A policy owns every block that no request uses, hashed or not. It
/// never sees a block in use, except for statistics.
/// </summary>
public interface IEvictionPolicy
{
    /// <summary>
    /// The most blocks that a run may have: 1 for a policy that judges each block by itself. One that takes more must
    /// give up every block before the blocks that precede it in the sequences it is part of, provided that they are
    /// released in that order, as they are.
    /// </summary>
    int LongestRun => int.MaxValue;

    /// <summary>Until when the order stands by itself; null for a policy that reads no clock.</summary>
    SimTime? StableUntil => null;

    /// <summary>
    /// No request uses these blocks any more. Of a request's blocks the end comes first, and so it is within the run.
    /// </summary>
    /// <param name="run">The blocks.</param>
    /// <param name="first">
    /// The key of the run's first block, if they can still be hit; null if they hold no full block of tokens.
    /// </param>
    void Freed(BlockRun run, BlockKey? first);

    /// <summary>A prompt hit these blocks, a whole run as it was freed or cut: they leave the policy's set.</summary>
    void Reused(BlockRun run);

    /// <summary>A run in the policy's set becomes two, because a prompt is about to hit the first part only.</summary>
    void Cut(BlockRun first, BlockRun rest);

    /// <summary>
    /// Gives up the last blocks of one run, at least one and no more than <paramref name="atMost"/>; there is one.
    /// </summary>
    BlockRun Take(int atMost);

    /// <summary>Blocks in use now hold <paramref name="first"/> and the keys behind it; for statistics only.</summary>
    void Inserted(BlockRun run, BlockKey first)
    {
    }

    /// <summary>A prompt hit these blocks, in use or not; for statistics only.</summary>
    void Hit(BlockRun run, BlockKey first)
    {
    }
}
