namespace ServingSim.Engine.Kv;

/// <summary>
/// Adjacent blocks of a sequence that hold one token stream and nothing else, or one block of several streams.
/// </summary>
/// <param name="Key">The key of its first block; the others' keys differ in the index only.</param>
/// <param name="First">Its first block, counted from the beginning of the sequence.</param>
/// <param name="End">The block behind its last one.</param>
internal readonly record struct Stretch(BlockKey Key, int First, int End);
