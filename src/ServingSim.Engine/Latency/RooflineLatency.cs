using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The sum over a step's operators of their time at the data sheet's peaks, stretched by efficiencies per class of
/// operator, and launches. As no efficiency exceeds 1, no step is faster than all its FLOPs at the peak, nor than all
/// its bytes at the bandwidth. Only IEEE +, -, *, /, square root and max: the same bits on every platform.
/// </summary>
public sealed class RooflineLatency : ILatencyModel
{
    // Times that the residual stream is read or written by elementwise kernels: in a layer; in embedding and last norm
    private const int PassesPerLayer = 8;
    private const int PassesOutsideLayers = 4;

    private readonly RooflineOperator[] _products;
    private readonly RooflineExperts _experts;
    private readonly RooflineAttention[] _attention;
    private readonly RooflineAllReduce _allReduce;
    private readonly RooflineOperator _elementwise;
    private readonly RooflineOperator _lmHead;
    private readonly double _stepSeconds;

    /// <summary>By number of decodes, the lines that were asked for.</summary>
    private Piece[]?[] _lines = new Piece[64][];

    /// <summary>By number of tokens, <see cref="TokenSeconds"/>; 0 where nobody has asked.</summary>
    private double[] _tokenSeconds = new double[64];

    /// <summary>The step times of one model on GPUs of one kind.</summary>
    public RooflineLatency(
        RooflineOptions options, ModelSpec model, GpuSpec gpu, Parallelism parallelism, KvCacheDtype kvCacheDtype)
    {
        Problem.CheckNone([.. options.Parts, model, model.Moe, model.Mla, model.SlidingWindow, gpu, parallelism]);
        string misfits = string.Join("; ", parallelism.ProblemsWith(model).Concat(parallelism.ProblemsWith(gpu)));
        Check.That(misfits.Length == 0, $"unchecked parallelism: {misfits}");
        ModelShard shard = new(model, parallelism);
        _products = [.. ProductsOf(shard).Select(
            p => RooflineOperator.Product(options, gpu, model.WeightDtype, p.Layers, p.Matrix))];
        _experts = RooflineExperts.Of(options, shard, gpu);
        _attention = RooflineAttention.Of(options, shard, gpu, kvCacheDtype);
        _allReduce = RooflineAllReduce.Of(options, shard, gpu);
        _elementwise = Elementwise(options.Elementwise, model, gpu);
        _lmHead = RooflineOperator.Product(
            options, gpu, WeightDtype.Bf16, 1, new Matrix(model.HiddenSize, shard.VocabRows));
        _stepSeconds = options.StepUs * 1e-6;
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        double seconds = 0;
        if (shape.Tokens > 0)
        {
            seconds = TokenSecondsOf(shape.Tokens);
            foreach (RooflineAttention attention in _attention)
            {
                seconds += attention.PrefillSeconds(shape);
            }
        }

        if (shape.SampledTokens > 0)
        {
            seconds += _lmHead.Seconds(shape.SampledTokens);
        }

        SimTime device = SimTime.FromSecondsRoundedUp(seconds) + DecodeAttentionTime(shape);
        return new StepTime(SimTime.Zero, SimTime.Later(SimTime.OneTick, device));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens)
    {
        if (decodes >= _lines.Length)
        {
            Array.Resize(ref _lines, Math.Max(decodes + 1, 2 * _lines.Length));
        }

        foreach (ref readonly Piece known in _lines[decodes].AsSpan())
        {
            if (known.Holds(contextTokens))
            {
                return known.From(contextTokens);
            }
        }

        Piece piece = PieceFrom(decodes, contextTokens);
        _lines[decodes] = [.. (_lines[decodes] ?? []).Where(known => known.First != piece.First), piece];
        return piece.From(contextTokens);
    }

    private double TokenSecondsOf(int tokens)
    {
        if (tokens >= _tokenSeconds.Length)
        {
            Array.Resize(ref _tokenSeconds, Math.Max(tokens + 1, 2 * _tokenSeconds.Length));
        }

        ref double seconds = ref _tokenSeconds[tokens];
        if (seconds == 0)
        {
            seconds = TokenSeconds(tokens);
        }

        return seconds;
    }

    /// <summary>All that depends on nothing but how many tokens there are.</summary>
    private double TokenSeconds(int tokens)
    {
        double seconds = _stepSeconds
            + _experts.Seconds(tokens)
            + _allReduce.Seconds(tokens)
            + _elementwise.Seconds(tokens);
        foreach (ref readonly RooflineOperator product in _products.AsSpan())
        {
            seconds += product.Seconds(tokens);
        }

        return seconds;
    }

    private Piece PieceFrom(int decodes, long contextTokens)
    {
        SimTime time = TimeOf(new StepShape([], decodes, contextTokens, decodes)).Device;
        long slope = 0;
        long first = 0;
        long last = long.MaxValue;
        foreach (RooflineAttention attention in _attention)
        {
            (long part, long from, long until) = attention.DecodeSlope(decodes, contextTokens);
            slope += part;
            first = Math.Max(first, from);
            last = Math.Min(last, until);
        }

        SimTime atFirst = time - (new SimTime(slope) * (contextTokens - first));
        return new Piece(first, last, atFirst, slope, EndsAlone: contextTokens == last);
    }

    /// <summary>The matrices of dense weights that every token passes, and in how many layers.</summary>
    private static IEnumerable<(int Layers, Matrix Matrix)> ProductsOf(ModelShard shard)
    {
        ModelSpec model = shard.Model;
        (int Layers, int Width)[] ffns =
            [(model.DenseLayers, shard.FfnWidth), (model.ExpertLayers, shard.SharedWidth)];
        IEnumerable<(int, Matrix)> ffn = ffns.Where(f => f.Layers > 0 && f.Width > 0).SelectMany(
            f => new (int, Matrix)[]
            {
                (f.Layers, new Matrix(model.HiddenSize, (model.FfnMatrices - 1L) * f.Width)),
                (f.Layers, new Matrix(f.Width, model.HiddenSize)),
            });
        return shard.AttentionMatrices.Select(matrix => (model.NumHiddenLayers, matrix)).Concat(ffn);
    }

    private static RooflineOperator Elementwise(ElementwiseEfficiency efficiency, ModelSpec model, GpuSpec gpu)
    {
        double layers = model.NumHiddenLayers;
        double bytes = ModelSpec.ActivationBytes * model.HiddenSize * ((layers * PassesPerLayer) + PassesOutsideLayers);
        return new RooflineOperator(
            0, bytes / (gpu.HbmGbPerS * 1e9 * efficiency.Memory), 0, layers * efficiency.UsPerLayer * 1e-6);
    }

    private SimTime DecodeAttentionTime(in StepShape shape)
    {
        SimTime time = SimTime.Zero;
        foreach (RooflineAttention attention in _attention)
        {
            time += attention.DecodeTime(shape);
        }

        return time;
    }

    /// <summary>
    /// Device times of one number of decodes, on a line over context tokens from the first to the last; where it ends
    /// another may be as high, and go on, unless it is known to end alone.
    /// </summary>
    private readonly record struct Piece(long First, long Last, SimTime AtFirst, long Slope, bool EndsAlone)
    {
        internal bool Holds(long contextTokens) =>
            contextTokens >= First && (contextTokens < Last || (contextTokens == Last && EndsAlone));

        internal DecodeLine From(long contextTokens)
        {
            SimTime device = AtFirst + (new SimTime(Slope) * (contextTokens - First));
            return new DecodeLine(new StepTime(SimTime.Zero, device), Slope, Last);
        }
    }
}
