using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The sum of a step's operators as they were measured on the GPU, interpolated; for dense models. Between two measured
/// contexts the steps of a batch lie on a line: decode attention is quantised to integer ticks a context token there,
/// rounded down so that the times at the knots are not passed.
/// </summary>
public sealed class TableLatency : ILatencyModel
{
    // Two norms, RoPE with the KV write, the activation function: each a kernel that streams the residual or its like
    private const int ElementwiseKernels = 4;
    private const int PassesPerLayer = 8;
    private const double StreamingEfficiency = 0.8;
    private const int AllReducesPerLayer = 2;
    private const int PromptTokensAxis = 2;
    private const int BatchAxis = 2;
    private const int ContextAxis = 3;
    private const int TokensAxis = 0;

    private readonly OperatorTables _tables;
    private readonly ModelShard _shard;
    private readonly IReadOnlyList<Matrix> _attention;
    private readonly double _elementwiseMsPerToken;
    private readonly RooflineAllReduce _boundaries;
    private readonly double[] _contextKnots;
    private readonly double _mostPromptTokens;
    private readonly FlashAttention2Decodes? _mixed;
    private readonly Dictionary<int, Batch> _batches = [];

    /// <summary>The step times of a dense model on GPUs whose operators were measured.</summary>
    /// <param name="tables">The operators.</param>
    /// <param name="model">The model.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="parallelism">How the model is spread.</param>
    /// <param name="kvCacheDtype">How keys and values are stored.</param>
    /// <param name="mixedTileRows">See <see cref="DecodeAttentionEfficiency"/>.</param>
    public TableLatency(
        OperatorTables tables, ModelSpec model, GpuSpec gpu, Parallelism parallelism,
        KvCacheDtype kvCacheDtype = KvCacheDtype.Auto, int? mixedTileRows = null)
    {
        Check.That(model.Moe is null && model.Mla is null, "neither experts nor latent attention were measured");
        Check.That(parallelism.Tp == 1 || tables.AllReduce is not null, "all-reduces were not measured");
        _tables = tables;
        _shard = new ModelShard(model, parallelism);
        RooflineOptions usual = new(Decode: new DecodeAttentionEfficiency(MixedTileRows: mixedTileRows));
        _mixed = FlashAttention2Decodes.Of(usual, _shard, gpu, kvCacheDtype, model.NumHiddenLayers);
        _attention = _shard.AttentionMatrices;
        double bytes = (double)ModelSpec.ActivationBytes * model.HiddenSize * PassesPerLayer;
        _boundaries = RooflineAllReduce.Boundaries(
            new AllReduceEfficiency(), gpu, model.HiddenSize, _shard.Parallelism);
        _elementwiseMsPerToken = bytes / (gpu.HbmGbPerS * 1e9 * StreamingEfficiency) * 1e3;
        _mostPromptTokens = tables.PrefillAttention.Largest(PromptTokensAxis);
        _contextKnots = [.. tables.DecodeAttention.InnermostKnots];
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        if (shape.Prefills.IsEmpty && shape.Decodes > 0 && shape.SampledTokens == shape.Decodes)
        {
            return LineOf(shape.Decodes, shape.DecodeContextTokens).Time;
        }

        double ms = shape.Tokens == 0 ? 0 : LinearMs(shape.Tokens) + HeadMs(shape.SampledTokens) + PrefillMs(shape);
        SimTime decodes = shape.Decodes == 0
            ? SimTime.Zero
            : LineOf(shape.Decodes, shape.DecodeContextTokens).Time.Device - BatchOf(shape.Decodes).BesideAttention;
        if (shape.Decodes > 0
            && _mixed is { } mixed
            && FlashAttention2Decodes.LongestChunk(shape) is > 1 and var longest)
        {
            decodes = SimTime.Later(
                decodes,
                SimTime.FromSecondsRoundedUp(mixed.Seconds(shape.Decodes, shape.DecodeContextTokens, longest)));
        }

        return new StepTime(
            SimTime.Zero, SimTime.Later(SimTime.OneTick, SimTime.FromSecondsRoundedUp(ms / 1e3) + decodes));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) => LineOf(decodes, contextTokens);

    /// <summary>Steps no larger than the largest measured batches, contexts and products.</summary>
    public StepRange Range => new(
        [1, (long)_tables.DecodeAttention.Largest(BatchAxis)],
        [1, (long)(_tables.DecodeAttention.Largest(BatchAxis) * _tables.DecodeAttention.Largest(ContextAxis))],
        [1, (long)_tables.Gemm.Largest(TokensAxis)]);

    private DecodeLine LineOf(int decodes, long contextTokens)
    {
        Batch batch = BatchOf(decodes);
        int piece = batch.Starts.Length - 1;
        while (piece > 0 && batch.Starts[piece] > contextTokens)
        {
            piece--;
        }

        long beyond = Math.Max(0, contextTokens - batch.Starts[piece]);
        bool isBelow = contextTokens < batch.Starts[0];
        SimTime device = batch.BesideAttention + new SimTime(batch.Ticks[piece] + (batch.Slopes[piece] * beyond));
        return new DecodeLine(
            new StepTime(SimTime.Zero, device),
            isBelow ? 0 : batch.Slopes[piece],
            isBelow ? batch.Starts[0]
                : piece + 1 < batch.Starts.Length ? batch.Starts[piece + 1] - 1
                : long.MaxValue);
    }

    private Batch BatchOf(int decodes)
    {
        if (!_batches.TryGetValue(decodes, out Batch? batch))
        {
            batch = NewBatch(decodes);
            _batches.Add(decodes, batch);
        }

        return batch;
    }

    private Batch NewBatch(int decodes)
    {
        int layers = _shard.Model.NumHiddenLayers;
        long[] starts = [.. _contextKnots.Select(knot => (long)Math.Ceiling(knot * decodes))];
        long[] ticks = [.. starts.Select(start => LatencyTicks.RoundedUp(
            layers * _tables.DecodeAttention.At(
                _shard.KvHeads, _shard.QueryHeads, decodes, (double)start / decodes)))];
        long[] slopes = new long[starts.Length];
        for (int i = 0; i + 1 < starts.Length; i++)
        {
            slopes[i] = Math.Max(0, ticks[i + 1] - ticks[i]) / Math.Max(1, starts[i + 1] - starts[i]);
            ticks[i + 1] = Math.Max(ticks[i], ticks[i + 1]);
        }

        // Beyond what was measured time grows in proportion
        slopes[^1] = ticks[^1] / Math.Max(1, starts[^1]);
        return new Batch(
            SimTime.FromSecondsRoundedUp((LinearMs(decodes) + HeadMs(decodes)) / 1e3), starts, ticks, slopes);
    }

    /// <summary>All that depends on the number of tokens alone.</summary>
    private double LinearMs(int tokens)
    {
        ModelSpec model = _shard.Model;
        double layer = _attention.Sum(matrix => Gemm(tokens, matrix.Outputs, matrix.Inputs))
            + Gemm(tokens, (model.FfnMatrices - 1) * _shard.FfnWidth, model.HiddenSize)
            + Gemm(tokens, model.HiddenSize, _shard.FfnWidth)
            + (ElementwiseKernels * _tables.LaunchMs)
            + (_elementwiseMsPerToken * tokens);
        if (_shard.Parallelism.Tp > 1)
        {
            double bytes = (double)ModelSpec.ActivationBytes * model.HiddenSize * tokens;
            layer += AllReducesPerLayer * _tables.AllReduce!.At(_shard.Parallelism.Tp, bytes);
        }

        return (model.NumHiddenLayers * layer) + (_boundaries.Seconds(tokens) * 1e3);
    }

    private double HeadMs(int sampled) =>
        sampled == 0 ? 0 : Gemm(sampled, _shard.VocabRows, _shard.Model.HiddenSize);

    private double Gemm(double tokens, double outputs, double inputs) => _tables.Gemm.At(tokens, outputs, inputs);

    /// <summary>
    /// Each chunk as one of a batch of its like, and as what its prompt takes longer with it than without.
    /// </summary>
    private double PrefillMs(in StepShape shape)
    {
        double ms = 0;
        int chunks = shape.Prefills.Length;
        foreach (PrefillChunk chunk in shape.Prefills)
        {
            double whole = Prompts(chunk.ContextBefore + chunk.Tokens, chunks);
            double before = chunk.ContextBefore == 0 ? 0 : Prompts(chunk.ContextBefore, chunks);
            ms += Math.Max(Prompts(chunk.Tokens, chunks), whole - before) / chunks;
        }

        return _shard.Model.NumHiddenLayers * ms;
    }

    private double Prompts(double tokens, int prompts)
    {
        // Beyond the longest prompt measured the pairs decide, which grow with the square
        double measured = Math.Min(tokens, _mostPromptTokens);
        double growth = tokens / measured;
        return growth * growth
            * _tables.PrefillAttention.At(_shard.KvHeads, _shard.QueryHeads, measured, prompts);
    }

    /// <summary>The steps of so many decodes, by the sum of their contexts: a line from each start on.</summary>
    private sealed record Batch(SimTime BesideAttention, long[] Starts, long[] Ticks, long[] Slopes);
}
