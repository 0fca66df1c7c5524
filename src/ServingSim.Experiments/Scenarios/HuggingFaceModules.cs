namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// The names of the modules that hold a model's matrices, as far as quantizations tell them apart: of the experts of a
/// layer, the first stands for all.
/// </summary>
/// <param name="Family">How they are called.</param>
/// <param name="Layers">Layers of the model.</param>
/// <param name="IsMixture">Whether there are experts.</param>
/// <param name="FirstDense">How many of a mixture's first layers have a dense FFN.</param>
/// <param name="HasShared">Whether there are experts that every token visits.</param>
/// <param name="IsLatent">Whether attention is latent.</param>
internal sealed record HuggingFaceModules(
    HuggingFaceFamily Family, int Layers, bool IsMixture, int FirstDense, bool HasShared, bool IsLatent)
{
    internal const string Experts = "routed experts";

    /// <summary>Kinds of matrices with the modules that hold them, in all layers.</summary>
    internal IEnumerable<(string Kind, IEnumerable<string> Names)> Kinds()
    {
        string attention = IsLatent
            ? "q_proj q_a_proj q_b_proj kv_a_proj_with_mqa kv_b_proj o_proj"
            : "q_proj k_proj v_proj o_proj";
        int dense = IsMixture ? FirstDense : Layers;
        yield return ("attention", Names(0, Layers, "self_attn", attention));
        yield return ("dense FFNs", Names(0, dense, Family.Ffn, Family.Matrices));
        if (HasShared)
        {
            yield return ("shared experts", Names(dense, Layers, $"{Family.Ffn}.{Family.Shared}", Family.Matrices));
        }

        yield return (Experts, Names(dense, Layers, Family.Ffn + ".experts.0", Family.Matrices));
    }

    private static IEnumerable<string> Names(int first, int end, string module, string matrices) =>
        from layer in Enumerable.Range(first, Math.Max(0, end - first))
        from matrix in matrices.Split(' ')
        select $"layers.{layer}.{module}.{matrix}";
}
