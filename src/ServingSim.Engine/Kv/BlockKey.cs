namespace ServingSim.Engine.Kv;

/// <summary>
/// What a full block holds: 128 bits over the chain of all tokens up to its end, as vLLM's block hash. Two blocks
/// with the same key are interchangeable.
/// </summary>
public readonly record struct BlockKey(ulong High, ulong Low);
