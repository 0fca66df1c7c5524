namespace ServingSim.Engine.Specs;

/// <summary>
/// How the matrices of a model's layers are stored. Embeddings, LM head, router and norms stay bf16, as in vLLM.
/// </summary>
public enum WeightDtype
{
    /// <summary>Two bytes a weight, computed at the bf16 peak.</summary>
    Bf16,

    /// <summary>
    /// One byte a weight, computed at the fp8 peak (W8A8), or at the bf16 peak on a GPU that has none.
    /// </summary>
    Fp8,

    /// <summary>
    /// Four bits and a scale for every 64 weights, computed at the bf16 peak (W4A16: AWQ, GPTQ, compressed-tensors).
    /// </summary>
    Int4,

    /// <summary>
    /// Four bits and an fp8 scale for every 16 weights (NVFP4), computed at the fp4 peak, or at the bf16 peak on a GPU
    /// that has none.
    /// </summary>
    Fp4,

    /// <summary>As <see cref="Int4"/>, with a scale for every 32 weights (Kimi K2).</summary>
    Int4G32,
}
