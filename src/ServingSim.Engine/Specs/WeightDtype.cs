namespace ServingSim.Engine.Specs;

/// <summary>How the matrices of a model's layers are stored.</summary>
public enum WeightDtype
{
    /// <summary>Two bytes a weight, computed at the bf16 peak.</summary>
    Bf16,

    /// <summary>
    /// One byte a weight, computed at the fp8 peak (W8A8), or at the bf16 peak on a GPU that has none. Embeddings, LM
    /// head, router and norms stay bf16, as in vLLM.
    /// </summary>
    Fp8,
}
