namespace ServingSim.Engine.Specs;

/// <summary>
/// What one GPU of a replica holds: heads, FFN columns and vocabulary are divided by the tensor-parallel degree;
/// key-value heads are replicated when there are fewer than GPUs; norms and routers are on every GPU (vLLM's layout).
/// </summary>
/// <param name="Model">The whole model.</param>
/// <param name="Parallelism">How it is split.</param>
public readonly record struct ModelShard(ModelSpec Model, Parallelism Parallelism)
{
    /// <summary>Query heads a layer on this GPU.</summary>
    public int QueryHeads => Model.NumAttentionHeads / Parallelism.Tp;

    /// <summary>Key-value heads a layer on this GPU.</summary>
    public int KvHeads => Math.Max(1, Model.NumKeyValueHeads / Parallelism.Tp);

    /// <summary>Width of the attention's output, and of the queries, on this GPU.</summary>
    public int QueryWidth => QueryHeads * Model.HeadSize;

    /// <summary>Width of queries, keys and values together on this GPU.</summary>
    public int QkvWidth => (QueryHeads + (2 * KvHeads)) * Model.HeadSize;

    /// <summary>Width of the dense FFN on this GPU; 0 in a model of experts.</summary>
    public int FfnWidth => (Model.IntermediateSize ?? 0) / Parallelism.Tp;

    /// <summary>Width of one routed expert on this GPU.</summary>
    public int ExpertWidth => (Model.Moe?.ExpertIntermediateSize ?? 0) / Parallelism.Tp;

    /// <summary>Width of the shared experts on this GPU.</summary>
    public int SharedWidth => (Model.Moe?.SharedIntermediateSize ?? 0) / Parallelism.Tp;

    /// <summary>Rows of the embedding, and of the LM head, on this GPU.</summary>
    public int VocabRows => (Model.VocabSize + Parallelism.Tp - 1) / Parallelism.Tp;

    /// <summary>Bytes of weights on this GPU.</summary>
    public long WeightBytes
    {
        get
        {
            long hidden = Model.HiddenSize;
            long ffnColumns = FfnWidth + SharedWidth + ((long)(Model.Moe?.Experts ?? 0) * ExpertWidth);
            long matrices = hidden * (QkvWidth + QueryWidth + (Model.FfnMatrices * ffnColumns));
            long others = hidden * ((Model.Moe?.Experts ?? 0) + 2);
            long tables = hidden * (VocabRows * (Model.TieWordEmbeddings ? 1L : 2L));
            return (Model.NumHiddenLayers * ((matrices * Model.BytesPerWeight) + (others * ModelSpec.ActivationBytes)))
                + ((tables + hidden) * ModelSpec.ActivationBytes);
        }
    }

    /// <summary>Bytes of keys and values that one token keeps in one layer on this GPU.</summary>
    public long KvBytesPerTokenAndLayer(KvCacheDtype dtype) =>
        2L * KvHeads * Model.HeadSize * (dtype == KvCacheDtype.Fp8 ? 1 : ModelSpec.ActivationBytes);

    /// <summary>Bytes of keys and values that one token keeps in all layers on this GPU.</summary>
    public long KvBytesPerToken(KvCacheDtype dtype) => Model.NumHiddenLayers * KvBytesPerTokenAndLayer(dtype);

    /// <summary>
    /// Activation bytes that one token needs at the peak of a forward pass: the residual stream and its norm, with
    /// every intermediate of one FFN alive at once.
    /// </summary>
    public long PeakActivationBytesPerToken
    {
        get
        {
            long ffn = (long)Model.FfnMatrices * (FfnWidth + SharedWidth);
            long experts = Model.Moe is null
                ? 0
                : Model.Moe.ExpertsPerToken * (((long)Model.FfnMatrices * ExpertWidth) + Model.HiddenSize);
            return ModelSpec.ActivationBytes * ((2L * Model.HiddenSize) + ffn + experts);
        }
    }
}
