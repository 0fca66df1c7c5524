using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>
/// A decoder-only transformer, as far as time and memory are concerned. Names are those of Hugging Face's
/// <c>config.json</c>.
/// </summary>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="NumHiddenLayers">Layers.</param>
/// <param name="NumAttentionHeads">Query heads a layer.</param>
/// <param name="NumKeyValueHeads">Key-value heads a layer; fewer than query heads in grouped-query attention.</param>
/// <param name="VocabSize">Rows of the embedding and of the LM head.</param>
/// <param name="MaxPositionEmbeddings">Longest context, in tokens.</param>
/// <param name="IntermediateSize">Width of the dense FFN; absent where every layer has experts.</param>
/// <param name="Moe">The experts that replace the dense FFN; absent in a dense model.</param>
/// <param name="HeadDim">Width of one head; hidden size / query heads where the model does not say.</param>
/// <param name="GatedFfn">Whether an FFN has three matrices (SwiGLU) rather than two.</param>
/// <param name="TieWordEmbeddings">Whether the LM head is the embedding, held once.</param>
/// <param name="WeightDtype">How the matrices of the layers are stored.</param>
/// <param name="Mla">Latent attention in place of key-value heads; absent in other models.</param>
/// <param name="SlidingWindow">The layers that attend to the latest tokens only; absent where there are none. It
/// shortens steps; the KV of old tokens is kept all the same, as in vLLM where layers of both kinds share their
/// blocks.</param>
/// <param name="QkNormAcrossHeads">Whether queries and keys are normed over all heads together (MiniMax-M2's
/// <c>qk_norm_type: per_layer</c>), so that tensor parallelism sums two variances a token in every layer.</param>
public sealed record ModelSpec(
    int HiddenSize,
    int NumHiddenLayers,
    int NumAttentionHeads,
    int NumKeyValueHeads,
    int VocabSize,
    int MaxPositionEmbeddings,
    int? IntermediateSize = null,
    MoeSpec? Moe = null,
    int? HeadDim = null,
    bool GatedFfn = true,
    bool TieWordEmbeddings = false,
    WeightDtype WeightDtype = WeightDtype.Bf16,
    MlaSpec? Mla = null,
    SlidingWindow? SlidingWindow = null,
    bool QkNormAcrossHeads = false) : IValidated
{
    /// <summary>Bytes of an activation, and of a weight outside the layers' matrices: bf16.</summary>
    public const int ActivationBytes = 2;

    /// <summary>Width of one head.</summary>
    public int HeadSize => HeadDim ?? (HiddenSize / NumAttentionHeads);

    /// <summary>Matrices of one FFN.</summary>
    public int FfnMatrices => GatedFfn ? 3 : 2;

    /// <summary>How the routed experts are stored.</summary>
    public WeightDtype ExpertDtype => Moe?.WeightDtype ?? WeightDtype;

    /// <summary>Layers whose FFN is a mixture of experts.</summary>
    public int ExpertLayers => Moe is null ? 0 : NumHiddenLayers - Moe.FirstDenseLayers;

    /// <summary>Layers whose FFN is dense.</summary>
    public int DenseLayers => NumHiddenLayers - ExpertLayers;

    /// <summary>Bytes of a weight of a dtype, its share of the scales included: exact in binary.</summary>
    public static double BytesOf(WeightDtype dtype) => dtype switch
    {
        WeightDtype.Bf16 => 2,
        WeightDtype.Fp8 => 1,
        WeightDtype.Int4 => 0.53125,
        _ => 0.5625,
    };

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(HiddenSize),
        Problem.UnlessPositive(NumHiddenLayers),
        Problem.UnlessPositive(NumAttentionHeads),
        Problem.UnlessPositive(NumKeyValueHeads),
        Problem.UnlessPositive(VocabSize),
        Problem.UnlessPositive(MaxPositionEmbeddings),
        Problem.UnlessPositive(IntermediateSize),
        Problem.UnlessPositive(HeadDim),
        Problem.Unless(
            IntermediateSize is not null || Moe is not null, null,
            "found neither, expected intermediate_size (a dense FFN) or moe (experts)"),
        Problem.Unless(
            Moe is null || IntermediateSize is null == (Moe.FirstDenseLayers == 0), nameof(IntermediateSize),
            $"found {(IntermediateSize is null ? "none" : "one")}, expected one only if moe.first_dense_layers > 0"),
        Problem.Unless(
            Moe is null || Moe.FirstDenseLayers < NumHiddenLayers, nameof(Moe),
            $"first_dense_layers is {Moe?.FirstDenseLayers}, expected fewer than the layers ({NumHiddenLayers})"),
        Problem.Unless(
            SlidingWindow is null || SlidingWindow.Layers <= NumHiddenLayers, nameof(SlidingWindow),
            $"found {SlidingWindow?.Layers} layers, expected at most num_hidden_layers ({NumHiddenLayers})"),
        Problem.Unless(
            SlidingWindow is null || Mla is null, nameof(SlidingWindow), "found together with mla, expected one"),
        Problem.Unless(
            NumKeyValueHeads <= 0 || NumAttentionHeads % NumKeyValueHeads == 0, nameof(NumAttentionHeads),
            $"found {NumAttentionHeads}, expected a multiple of num_key_value_heads ({NumKeyValueHeads})"),
        Problem.Unless(
            HeadDim is not null || Mla is not null || NumAttentionHeads <= 0 || HiddenSize % NumAttentionHeads == 0,
            nameof(HiddenSize),
            $"found {HiddenSize}, expected a multiple of num_attention_heads ({NumAttentionHeads}), or head_dim"));
}
