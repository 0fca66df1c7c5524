using ServingSim.Cluster.Routing;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments;

/// <summary>
/// Every part that a scenario can name, and nothing else: a line a part. A program with parts of its own runs the
/// command with <c>Catalog.Default with { Routers = Catalog.Default.Routers.Add(...) }</c>.
/// </summary>
public sealed record Catalog : ICatalog
{
    /// <summary>The built-in parts.</summary>
    public static Catalog Default { get; } = new();

    /// <summary>Where requests come from: <c>workload.source</c>.</summary>
    public PartKind<IWorkload, WorkloadContext> Workloads { get; init; } =
        new PartKind<IWorkload, WorkloadContext>("workload")
            .Add("synthetic", "made up from arrivals and lengths", SyntheticWorkload.Of)
            .Add<BurstGptOptions>("trace", "replays a BurstGPT CSV file", TraceWorkload.Of)
            .Add<AzureOptions>("azure-trace", "replays an Azure LLM inference CSV file", TraceWorkload.Of)
            .Add<MooncakeOptions>("mooncake-trace", "replays a Mooncake JSONL file and its prefixes", TraceWorkload.Of)
            .Add<PlainOptions>("plain-trace", "replays a CSV file of your own", TraceWorkload.Of);

    /// <summary>When made-up requests arrive: <c>workload.arrivals</c>.</summary>
    public PartKind<IArrivals, RandomStreams> Arrivals { get; init; } =
        new PartKind<IArrivals, RandomStreams>("arrival process")
            .Add<PoissonOptions>("poisson", "independent arrivals", (o, s) => new PoissonArrivals(o, s))
            .Add<GammaOptions>("gamma", "Gamma gaps: bursts below shape 1", (o, s) => new GammaArrivals(o, s));

    /// <summary>Prompt and output lengths together: <c>workload.lengths</c>.</summary>
    public PartKind<IJointLengths, RandomStreams> JointLengths { get; init; } =
        new PartKind<IJointLengths, RandomStreams>("joint length distribution")
            .Add<JointTableOptions>(
                "joint-table", "a table of prompt ranges, each with its output quantiles",
                (o, _) => new JointTableLengths(o));

    /// <summary>
    /// Lengths of prompts or outputs alone: <c>workload.prompt_tokens</c>, <c>workload.output_tokens</c>.
    /// </summary>
    public PartKind<ILengths, RandomStreams> Lengths { get; init; } =
        new PartKind<ILengths, RandomStreams>("length distribution")
            .Add<ConstantLengthsOptions>("constant", "one length", (o, _) => new ConstantLengths(o))
            .Add<LognormalLengthsOptions>(
                "lognormal", "by median and sigma, truncated", (o, _) => new LognormalLengths(o))
            .Add<QuantileTableOptions>("quantile-table", "a table of quantiles", (o, _) => new QuantileTableLengths(o));

    /// <summary>Which replica gets a request: <c>cluster.router</c>.</summary>
    public PartKind<IRouter, RouterContext> Routers { get; init; } =
        new PartKind<IRouter, RouterContext>("router")
            .Add("round-robin", "one replica after the other", _ => new RoundRobinRouter())
            .Add(
                "least-outstanding", "fewest unfinished requests, ties to the first",
                _ => new LeastOutstandingRouter());

    /// <summary>The rules of an engine: <c>engine.profile</c>.</summary>
    public PartKind<EngineProfile, NoContext> Profiles { get; init; } =
        new PartKind<EngineProfile, NoContext>("engine profile")
            .Add("vllm-v1", "vLLM V1 as of 2026-02-15 (between v0.15 and v0.17)", _ => EngineProfile.VllmV1());

    /// <summary>The order of admission: <c>engine.policy</c>.</summary>
    public PartKind<IWaitingQueue, NoContext> Policies { get; init; } =
        new PartKind<IWaitingQueue, NoContext>("policy")
            .Add("fcfs", "first come, first served", _ => new FcfsQueue());

    /// <summary>The order in which cached blocks are given up: <c>engine.eviction</c>.</summary>
    public PartKind<IEvictionPolicy, EvictionContext> Evictions { get; init; } =
        new PartKind<IEvictionPolicy, EvictionContext>("eviction policy")
            .Add("lru", "least recently released first (vLLM V1)", c => new LruEviction(c));

    /// <summary>How long a step takes: <c>latency</c>.</summary>
    public PartKind<ILatencyModel, LatencyContext> Latencies { get; init; } =
        new PartKind<ILatencyModel, LatencyContext>("latency model")
            .Add<RooflineOptions>(
                "roofline", "operators at fractions of the GPU's peaks",
                (o, c) => new RooflineLatency(o, c.Model, c.Gpu, c.Parallelism, c.KvCacheDtype))
            .Add<LinearLatencyOptions>(
                "linear", "four numbers fitted from a log, with breaks", (o, _) => new LinearLatency(o))
            .Add<ConstantLatencyOptions>("constant", "every step the same", (o, _) => new ConstantLatency(o));

    /// <inheritdoc/>
    public IReadOnlyList<IPartKind> PartKinds =>
        [Workloads, Arrivals, JointLengths, Lengths, Routers, Profiles, Policies, Evictions, Latencies];

    /// <inheritdoc/>
    public IReadOnlyList<FileKind> FileKinds { get; } =
    [
        new FileKind(typeof(GpuSpec), "gpus"),
        new FileKind(typeof(ModelSpec), "models", HuggingFaceConfig.Translate),
        new FileKind(typeof(JointTable), "lengths"),
        new FileKind(typeof(QuantileTable), "lengths"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> ConfigFolders { get; init; } = Configs.Folders();

    /// <summary>The names that a scenario can use for the files of one of the configs' folders, sorted.</summary>
    public IReadOnlyList<string> FilesIn(string folder) =>
    [
        .. ConfigFolders.Select(root => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(found => Directory.EnumerateFiles(found, "*.yaml"))
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];
}
