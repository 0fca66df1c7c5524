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
/// <param name="IntermediateSize">Width of the dense FFN; absent in a model of experts.</param>
/// <param name="Moe">The experts that replace the dense FFN; absent in a dense model.</param>
/// <param name="HeadDim">Width of one head; hidden size / query heads where the model does not say.</param>
/// <param name="GatedFfn">Whether an FFN has three matrices (SwiGLU) rather than two.</param>
/// <param name="TieWordEmbeddings">Whether the LM head is the embedding, held once.</param>
/// <param name="WeightDtype">How the matrices of the layers are stored.</param>
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
    WeightDtype WeightDtype = WeightDtype.Bf16) : IValidated
{
    /// <summary>Bytes of an activation, and of a weight outside the layers' matrices: bf16.</summary>
    public const int ActivationBytes = 2;

    /// <summary>Width of one head.</summary>
    public int HeadSize => HeadDim ?? (HiddenSize / NumAttentionHeads);

    /// <summary>Matrices of one FFN.</summary>
    public int FfnMatrices => GatedFfn ? 3 : 2;

    /// <summary>Bytes of a weight in a matrix of the layers.</summary>
    public int BytesPerWeight => BytesOf(WeightDtype);

    /// <summary>Bytes of a weight of a dtype.</summary>
    public static int BytesOf(WeightDtype dtype) => dtype == WeightDtype.Fp8 ? 1 : 2;

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
            IntermediateSize is null != Moe is null, null,
            $"found {(Moe is null ? "neither" : "both")}, expected intermediate_size (a dense FFN) or moe (experts)"),
        Problem.Unless(
            NumKeyValueHeads <= 0 || NumAttentionHeads % NumKeyValueHeads == 0, nameof(NumAttentionHeads),
            $"found {NumAttentionHeads}, expected a multiple of num_key_value_heads ({NumKeyValueHeads})"),
        Problem.Unless(
            HeadDim is not null || NumAttentionHeads <= 0 || HiddenSize % NumAttentionHeads == 0, nameof(HiddenSize),
            $"found {HiddenSize}, expected a multiple of num_attention_heads ({NumAttentionHeads}), or head_dim"));
}
