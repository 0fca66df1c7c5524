namespace ServingSim.Engine.Kv;

/// <summary>
/// One physical KV block of a replica, 1 … N − 1; block 0 is the null block, never handed out (vLLM V1).
/// </summary>
public readonly record struct BlockId(int Index);
