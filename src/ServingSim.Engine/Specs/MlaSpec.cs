using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>
/// Multi-head latent attention (DeepSeek-V2): keys and values are kept as one latent vector and one rotary key a token,
/// shared by all heads. Names are those of Hugging Face's <c>config.json</c>.
/// </summary>
/// <param name="KvLoraRank">Width of the latent that is kept for keys and values.</param>
/// <param name="QkRopeHeadDim">Width of the rotary part of a key, which is kept too.</param>
/// <param name="QkNopeHeadDim">Width of the part of a query's head that has no rotation.</param>
/// <param name="VHeadDim">Width of a value's head.</param>
/// <param name="QLoraRank">Width of the latent through which queries go; absent where they go directly.</param>
public sealed record MlaSpec(
    int KvLoraRank,
    int QkRopeHeadDim,
    int QkNopeHeadDim,
    int VHeadDim,
    int? QLoraRank = null) : IValidated
{
    /// <summary>
    /// Elements that a token keeps in a layer; every GPU of a tensor-parallel group keeps all of them.
    /// </summary>
    public int KeptWidth => KvLoraRank + QkRopeHeadDim;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(KvLoraRank),
        Problem.UnlessPositive(QkRopeHeadDim),
        Problem.UnlessPositive(QkNopeHeadDim),
        Problem.UnlessPositive(VHeadDim),
        Problem.UnlessPositive(QLoraRank));
}
