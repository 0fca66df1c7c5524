namespace ServingSim.Engine.Latency;

/// <summary>Times of a GPU's operators as they were measured, in ms.</summary>
/// <param name="Gemm">Of a matrix product, by tokens, outputs and inputs.</param>
/// <param name="PrefillAttention">Of the causal attention of equal prompts, by key-value heads, query heads, tokens of
/// a prompt and prompts.</param>
/// <param name="DecodeAttention">Of the attention of equal decodes, by key-value heads, query heads, decodes and
/// context tokens of each.</param>
/// <param name="AllReduce">Of an all-reduce, by GPUs and bytes; null where none was measured.</param>
/// <param name="LaunchMs">Of a kernel that does next to nothing.</param>
public sealed record OperatorTables(
    GridTable Gemm, GridTable PrefillAttention, GridTable DecodeAttention, GridTable? AllReduce, double LaunchMs);
