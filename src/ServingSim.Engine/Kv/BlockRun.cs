namespace ServingSim.Engine.Kv;

/// <summary>
/// Blocks that change hands together: adjacent full blocks of one request's sequence, or blocks that hold no full block
/// of tokens. Which physical blocks they are decides nothing, so nobody knows it.
/// </summary>
/// <param name="Number">
/// Stands for the run while it has blocks: 1 … N − 1, N being the replica's blocks. A run that is cut in two keeps its
/// number for the first part.
/// </param>
/// <param name="Blocks">How many blocks, at least one.</param>
public readonly record struct BlockRun(int Number, int Blocks);
