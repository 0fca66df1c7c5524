namespace ServingSim.Engine.Specs;

/// <summary>
/// What one GPU of a replica holds: heads, FFN columns and vocabulary are divided by the tensor-parallel degree;
/// key-value heads are replicated when there are fewer than GPUs, the latents of latent attention always; norms and
/// routers are on every GPU; experts are divided as <see cref="Parallelism"/> says (vLLM's layout). In a pipeline it is
/// what GPUs of the same rank in every stage hold together: all layers.
/// </summary>
/// <param name="Model">The whole model.</param>
/// <param name="Parallelism">How it is split.</param>
public readonly record struct ModelShard(ModelSpec Model, Parallelism Parallelism)
{
    /// <summary>Query heads a layer on this GPU.</summary>
    public int QueryHeads => Model.NumAttentionHeads / Parallelism.Tp;

    /// <summary>Key-value heads a layer on this GPU.</summary>
    public int KvHeads => Math.Max(1, Model.NumKeyValueHeads / Parallelism.Tp);

    /// <summary>Width of the attention's output on this GPU.</summary>
    public int AttentionWidth => QueryHeads * (Model.Mla?.VHeadDim ?? Model.HeadSize);

    /// <summary>Width of the queries on this GPU.</summary>
    public int QueryWidth =>
        QueryHeads * (Model.Mla is { } mla ? mla.QkNopeHeadDim + mla.QkRopeHeadDim : Model.HeadSize);

    /// <summary>Width of the dense FFN on this GPU; 0 where every layer has experts.</summary>
    public int FfnWidth => (Model.IntermediateSize ?? 0) / Parallelism.Tp;

    /// <summary>Routed experts a layer on this GPU, in whole or in part.</summary>
    public int Experts => (Model.Moe?.Experts ?? 0) / Parallelism.Ep;

    /// <summary>Width of one routed expert on this GPU.</summary>
    public int ExpertWidth => (Model.Moe?.ExpertIntermediateSize ?? 0) / Parallelism.ExpertTp;

    /// <summary>Width of the shared experts on this GPU.</summary>
    public int SharedWidth => (Model.Moe?.SharedIntermediateSize ?? 0) / Parallelism.Tp;

    /// <summary>Rows of the embedding, and of the LM head, on this GPU.</summary>
    public int VocabRows => (Model.VocabSize + Parallelism.Tp - 1) / Parallelism.Tp;

    /// <summary>The products of one layer's attention with weights, on this GPU, in order.</summary>
    public IReadOnlyList<Matrix> AttentionMatrices
    {
        get
        {
            Matrix output = new(AttentionWidth, Model.HiddenSize);
            if (Model.Mla is not { } mla)
            {
                return [new Matrix(Model.HiddenSize, QueryWidth + (2 * KvHeads * Model.HeadSize)), output];
            }

            // The up-projection of keys and values is applied to queries and outputs instead where one token decodes:
            // the same weights and FLOPs a token
            Matrix expand = new(mla.KvLoraRank, QueryHeads * (mla.QkNopeHeadDim + mla.VHeadDim));
            return mla.QLoraRank is { } rank
                ? [new Matrix(Model.HiddenSize, rank + mla.KeptWidth), new Matrix(rank, QueryWidth), expand, output]
                : [new Matrix(Model.HiddenSize, QueryWidth + mla.KeptWidth), expand, output];
        }
    }

    /// <summary>Bytes of weights on this GPU; in a pipeline, on one GPU of each stage together.</summary>
    public long WeightBytes => Stages.Sum(stage => stage.WeightBytes);

    /// <summary>What one GPU of each pipeline stage holds, in order.</summary>
    public IReadOnlyList<PipelineStage> Stages
    {
        get
        {
            List<PipelineStage> stages = [];
            int start = 0;
            foreach (int layers in Parallelism.LayersOfStages(Model.NumHiddenLayers))
            {
                stages.Add(new PipelineStage(layers, WeightBytesOf(start, layers)));
                start += layers;
            }

            return stages;
        }
    }

    /// <summary>
    /// Weights of the layers' matrices on this GPU that one token is multiplied with: of the experts those that it is
    /// sent to.
    /// </summary>
    public long MatrixWeightsPerToken
    {
        get
        {
            long ffn = (long)Model.HiddenSize * Model.FfnMatrices;
            return (Model.NumHiddenLayers * AttentionMatrices.Sum(matrix => matrix.Weights))
                + (Model.DenseLayers * ffn * FfnWidth)
                + (Model.ExpertLayers * ffn * SharedWidth)
                + (Model.ExpertLayers * ffn * ExpertWidth * (Model.Moe?.ExpertsPerToken ?? 0L));
        }
    }

    /// <summary>Bytes of keys and values that one token keeps in one layer on this GPU.</summary>
    public long KvBytesPerTokenAndLayer(KvCacheDtype dtype) =>
        (Model.Mla?.KeptWidth ?? (2L * KvHeads * Model.HeadSize))
        * (dtype == KvCacheDtype.Fp8 ? 1 : ModelSpec.ActivationBytes);

    /// <summary>
    /// Bytes of keys and values that one token keeps in all layers on this GPU; in a pipeline, on one GPU of each stage
    /// together.
    /// </summary>
    public long KvBytesPerToken(KvCacheDtype dtype) => Model.NumHiddenLayers * KvBytesPerTokenAndLayer(dtype);

    /// <summary>
    /// Bytes of layers; with the first the embedding, with the last the norm and the LM head after it, one table for
    /// both where they are tied and on the same GPU.
    /// </summary>
    private long WeightBytesOf(int start, int layers)
    {
        int denseLayers = Math.Clamp(Model.DenseLayers - start, 0, layers);
        int expertLayers = layers - denseLayers;
        long hidden = Model.HiddenSize;
        long matricesOfFfn = hidden * Model.FfnMatrices;
        long experts = expertLayers * matricesOfFfn * Experts * ExpertWidth;
        long others = (layers * AttentionMatrices.Sum(matrix => matrix.Weights))
            + (denseLayers * matricesOfFfn * FfnWidth)
            + (expertLayers * matricesOfFfn * SharedWidth);
        long routers = expertLayers * (Model.Moe?.Experts ?? 0L);
        (bool isFirst, bool isLast) = (start == 0, start + layers == Model.NumHiddenLayers);
        long inBf16 = hidden * ((layers * 2L) + routers + (isLast ? 1 : 0));
        long copies = (isFirst ? 1 : 0) + (isLast && !(isFirst && Model.TieWordEmbeddings) ? 1 : 0);
        long tables = hidden * VocabRows * copies;

        // Bytes of a weight are exact in binary, so the products are too
        return (long)Math.Ceiling(
            (others * ModelSpec.BytesOf(Model.WeightDtype)) + (experts * ModelSpec.BytesOf(Model.ExpertDtype)))
            + ((tables + inBf16) * ModelSpec.ActivationBytes);
    }

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
