using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The sum over a step's operators of max(FLOPs / peak, bytes / bandwidth) + launches, from data sheets alone: for
/// hardware and models that nobody has profiled. As no efficiency exceeds 1, no step is faster than all its FLOPs at
/// the peak, nor than all its bytes at the bandwidth. Only IEEE +, -, *, / and max: the same bits on every platform.
/// </summary>
public sealed class RooflineLatency : ILatencyModel
{
    // Kernels a layer beside attention. Elementwise: two norms, RoPE with the KV write, the activation function
    private const int ProjectionKernels = 1;
    private const int ElementwiseKernels = 4;
    private const int DenseFfnKernels = 2;

    // Router, top-k, two grouped products
    private const int ExpertKernels = 4;

    // Times that the residual stream is read or written by elementwise kernels: in a layer; in embedding and last norm
    private const int PassesPerLayer = 8;
    private const int PassesOutsideLayers = 4;

    private readonly RooflineOptions _options;
    private readonly GpuSpec _gpu;
    private readonly ModelSpec _model;
    private readonly ModelShard _shard;

    private readonly RooflineOperator _qkv;
    private readonly RooflineOperator _output;
    private readonly RooflineOperator _ffn;
    private readonly RooflineExperts _experts;
    private readonly RooflineAttention _attention;
    private readonly RooflineAllReduce _allReduce;
    private readonly RooflineOperator _elementwise;
    private readonly RooflineOperator _lmHead;
    private readonly SimTime _hostPerStep;
    private readonly SimTime _hostPerSequence;

    /// <summary>By number of decodes; 0 where it is not known yet.</summary>
    private StepTime[] _besideAttention = new StepTime[64];

    /// <summary>The step times of one model on GPUs of one kind.</summary>
    public RooflineLatency(
        RooflineOptions options, ModelSpec model, GpuSpec gpu, Parallelism parallelism, KvCacheDtype kvCacheDtype)
    {
        Problem.CheckNone(options, model, model.Moe, gpu, parallelism);
        string misfits = string.Join("; ", parallelism.ProblemsWith(model));
        Check.That(misfits.Length == 0, $"unchecked parallelism: {misfits}");
        _options = options;
        _gpu = gpu;
        _model = model;
        _shard = new ModelShard(model, parallelism);

        int hidden = model.HiddenSize;
        _qkv = LayerProduct(hidden, _shard.QkvWidth, hidden + _shard.QkvWidth, model.WeightDtype, ProjectionKernels);
        _output = LayerProduct(
            _shard.QueryWidth, hidden, hidden + _shard.QueryWidth, model.WeightDtype, ProjectionKernels);
        int denseWidth = _shard.FfnWidth + _shard.SharedWidth;
        _ffn = denseWidth == 0 ? default : Ffn(denseWidth, DenseFfnKernels);
        _experts = model.Moe is null ? default : Experts(model.Moe);
        _attention = RooflineAttention.Of(options, _shard, gpu, kvCacheDtype);
        _allReduce = RooflineAllReduce.Of(options, _shard, gpu);
        _elementwise = Elementwise();
        _lmHead = Product(1, hidden, _shard.VocabRows, hidden + _shard.VocabRows, WeightDtype.Bf16, 1);
        _hostPerStep = new SimTime(LatencyTicks.RoundedUp(options.HostMsPerStep));
        _hostPerSequence = new SimTime(LatencyTicks.RoundedUp(options.HostUsPerSequence / 1e3));
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        int tokens = shape.Tokens;
        double seconds = 0;
        if (tokens > 0)
        {
            seconds = _qkv.Seconds(tokens)
                + _output.Seconds(tokens)
                + _ffn.Seconds(tokens)
                + _experts.Seconds(tokens)
                + _attention.PrefillSeconds(shape)
                + _allReduce.Seconds(tokens)
                + _elementwise.Seconds(tokens);
        }

        if (shape.SampledTokens > 0)
        {
            seconds += _lmHead.Seconds(shape.SampledTokens);
        }

        SimTime host = _hostPerStep + (_hostPerSequence * (shape.Decodes + shape.Prefills.Length));
        SimTime device = SimTime.FromSecondsRoundedUp(seconds)
            + _attention.DecodeTime(shape.Decodes, shape.DecodeContextTokens);
        return new StepTime(host, SimTime.Later(SimTime.OneTick, device));
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens)
    {
        (long slope, long last) = _attention.DecodeSlope(decodes, contextTokens);
        SimTime attention = _attention.DecodeTime(decodes, contextTokens);
        StepTime beside = BesideAttention(decodes);
        return new DecodeLine(beside with { Device = beside.Device + attention }, slope, last);
    }

    /// <summary>The part of a step of decodes that their contexts do not change, computed once.</summary>
    private StepTime BesideAttention(int decodes)
    {
        if (decodes >= _besideAttention.Length)
        {
            Array.Resize(ref _besideAttention, Math.Max(decodes + 1, 2 * _besideAttention.Length));
        }

        ref StepTime time = ref _besideAttention[decodes];
        if (time.Device == SimTime.Zero)
        {
            StepTime all = TimeOf(new StepShape([], decodes, 0, decodes));
            time = all with { Device = all.Device - _attention.DecodeTime(decodes, 0) };
        }

        return time;
    }

    private RooflineOperator Ffn(int width, int kernels)
    {
        int columns = _model.FfnMatrices * width;
        double activations = (2.0 * _model.HiddenSize) + columns;
        return LayerProduct(_model.HiddenSize, columns, activations, _model.WeightDtype, kernels);
    }

    private RooflineExperts Experts(MoeSpec moe)
    {
        RooflineOperator expert = Ffn(_shard.ExpertWidth, ExpertKernels);
        RooflineOperator router = LayerProduct(
            _model.HiddenSize, moe.Experts, (double)_model.HiddenSize + moe.Experts, WeightDtype.Bf16, 0);
        double visits = moe.ExpertsPerToken;
        RooflineOperator visited = new(
            (visits * expert.ComputeSeconds) + router.ComputeSeconds,
            (visits * expert.MemorySeconds) + router.MemorySeconds,
            router.FixedMemorySeconds,
            expert.LaunchSeconds);
        return new RooflineExperts(visited, moe.Experts * expert.FixedMemorySeconds, 1 - (visits / moe.Experts));
    }

    private RooflineOperator Elementwise()
    {
        double layers = _model.NumHiddenLayers;
        double passes = (layers * PassesPerLayer) + PassesOutsideLayers;
        double bytes = ModelSpec.ActivationBytes * _model.HiddenSize * passes;
        double bandwidth = _gpu.HbmGbPerS * 1e9 * _options.ElementwiseMemoryEfficiency;
        double launches = layers * ElementwiseKernels * _options.KernelLaunchUs * 1e-6;
        return new RooflineOperator(0, bytes / bandwidth, 0, launches);
    }

    private RooflineOperator LayerProduct(
        double inputs, double outputs, double activations, WeightDtype dtype, int kernels) =>
        Product(_model.NumHiddenLayers, inputs, outputs, activations, dtype, kernels);

    private RooflineOperator Product(
        double times, double inputs, double outputs, double activations, WeightDtype dtype, int kernels)
    {
        double peak = _gpu.FlopsPerS(dtype) * _options.GemmComputeEfficiency;
        double bandwidth = _gpu.HbmGbPerS * 1e9 * _options.GemmMemoryEfficiency;
        return new RooflineOperator(
            times * 2 * inputs * outputs / peak,
            times * ModelSpec.ActivationBytes * activations / bandwidth,
            times * inputs * outputs * ModelSpec.BytesOf(dtype) / bandwidth,
            times * kernels * _options.KernelLaunchUs * 1e-6);
    }
}
