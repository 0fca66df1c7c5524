using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Reproducing.BurstGpt;
using ServingSim.Experiments.Reproducing.Demonstrations;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Sessions;
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
            .Add<SyntheticOptions>("synthetic", "made up from arrivals and lengths", SyntheticWorkload.Of)
            .Add<BurstGptOptions>("trace", "replays a BurstGPT CSV file", TraceWorkload.Of)
            .Add<AzureOptions>("azure-trace", "replays an Azure LLM inference CSV file", TraceWorkload.Of)
            .Add<MooncakeOptions>("mooncake-trace", "replays a Mooncake JSONL file and its prefixes", TraceWorkload.Of)
            .Add<PlainOptions>("plain-trace", "replays a CSV file of your own", TraceWorkload.Of)
            .Add<ClosedLoopOptions>(
                "closed-loop", "so many clients, each waits for its answer", ClosedLoopWorkload.Of)
            .Add<SessionsOptions>("sessions", "conversations of several turns", SessionsWorkload.Of)
            .Add<ServiceOptions>("service", "a service fitted to a trace, with its failures", ServiceWorkload.Of)
            .Add<BurstGptPerfOptions>(
                "burstgpt-perf", "BurstGPT's benchmark: modelled times and Zipf lengths", BurstGptPerfWorkload.Of)
            .Add<PerfTraceOptions>(
                "burstgpt-perf-trace", "BurstGPT's benchmark: its first rows, times divided", PerfTraceWorkload.Of)
            .Add<MixOptions>("mix", "several workloads at once", MixWorkload.Of);

    /// <summary>When made-up requests arrive: <c>workload.arrivals</c>.</summary>
    public PartKind<IArrivals, RandomStreams> Arrivals { get; init; } =
        new PartKind<IArrivals, RandomStreams>("arrival process")
            .Add<PoissonOptions>("poisson", "independent arrivals", (o, s) => new PoissonArrivals(o, s))
            .Add<GammaOptions>("gamma", "Gamma gaps: bursts below shape 1", (o, s) => new GammaArrivals(o, s))
            .Add<WeibullOptions>("weibull", "Weibull gaps: bursts below shape 1", (o, s) => new WeibullArrivals(o, s))
            .Add<ConstantArrivalsOptions>("constant", "every gap the same", (o, _) => new ConstantArrivals(o))
            .Add<OnOffOptions>("on-off", "batches with off times between", (o, s) => new OnOffArrivals(o, s))
            .Add<BatchesOptions>(
                "batches", "on-off, busier on some days and hours", (o, s) => new BatchArrivals(o, s))
            .Add<GammaSlotsOptions>(
                "gamma-slots", "Gamma gaps of a shape and rate for each slot of the day",
                (o, s) => new SlotArrivals(o, s))
            .Add<RampOptions>(
                "ramp", "from one rate to another", (o, s) => new VaryingArrivals(o.Curve(), o.Shape, s))
            .Add<SpikeOptions>(
                "spike", "a rate multiplied for a while", (o, s) => new VaryingArrivals(o.Curve(), o.Shape, s))
            .Add<HourlyOptions>(
                "hourly", "a rate for each hour of the day", (o, s) => new VaryingArrivals(o.Curve(), o.Shape, s));

    /// <summary>Prompt and output lengths together: <c>workload.lengths</c>.</summary>
    public PartKind<IJointLengths, RandomStreams> JointLengths { get; init; } =
        new PartKind<IJointLengths, RandomStreams>("joint length distribution")
            .Add<JointTableOptions>(
                "joint-table", "a table of prompt ranges, each with its output quantiles",
                (o, _) => new JointTableLengths(o))
            .Add<JointTable>("joint-bins", "such a table in place", (o, _) => JointTableLengths.InPlace(o));

    /// <summary>
    /// Lengths of prompts or outputs alone: <c>workload.prompt_tokens</c>, <c>workload.output_tokens</c>.
    /// </summary>
    public PartKind<ILengths, RandomStreams> Lengths { get; init; } =
        new PartKind<ILengths, RandomStreams>("length distribution")
            .Add<ConstantLengthsOptions>("constant", "one length", (o, _) => new ConstantLengths(o))
            .Add<LognormalLengthsOptions>(
                "lognormal", "by median and sigma, truncated", (o, _) => new LognormalLengths(o))
            .Add<UniformLengthsOptions>("uniform", "all between two limits alike", (o, _) => new UniformLengths(o))
            .Add<ZipfLengthsOptions>("zipf", "BurstGPT's generator: Zipf, truncated", (o, _) => new ZipfLengths(o))
            .Add<ExponentialLengthsOptions>(
                "exponential", "memoryless, for queueing theory", (o, _) => new ExponentialLengths(o))
            .Add<ParetoLengthsOptions>("pareto", "a heavy tail, truncated", (o, _) => new ParetoLengths(o))
            .Add<QuantileTableOptions>("quantile-table", "a table of quantiles", (o, _) => new QuantileTableLengths(o))
            .Add<QuantilesOptions>("quantiles", "such a table in place", (o, _) => new QuantilesLengths(o))
            .Add("burstgpt-turns", "turns of BurstGPT's conversations", _ => new BurstGptTurns());

    /// <summary>Time between the turns of a conversation: <c>gaps</c> of the source <c>sessions</c>.</summary>
    public PartKind<IGaps, RandomStreams> Gaps { get; init; } =
        new PartKind<IGaps, RandomStreams>("gap distribution")
            .Add("burstgpt-gaps", "gaps of BurstGPT's conversations", _ => new BurstGptGaps())
            .Add<LognormalGapsOptions>("lognormal", "by median and sigma", (o, _) => new LognormalGaps(o))
            .Add<QuantileGapsOptions>("quantiles", "a table of quantiles", (o, _) => new QuantileGaps(o));

    /// <summary>Which replica gets a request: <c>cluster.router</c>.</summary>
    public PartKind<IRouter, RouterContext> Routers { get; init; } =
        new PartKind<IRouter, RouterContext>("router")
            .Add("round-robin", "one replica after the other", _ => new RoundRobinRouter())
            .Add(
                "least-outstanding", "fewest unfinished requests, ties to the first",
                _ => new LeastOutstandingRouter())
            .Add<LeastLoadedOptions>(
                "least-loaded", "lowest gauge as last scraped, ties drawn", (o, c) => new LeastLoadedRouter(o, c))
            .Add("random", "any replica with equal chance", c => new RandomRouter(c))
            .Add("power-of-two", "fewer unfinished requests of two drawn replicas", c => new PowerOfTwoRouter(c))
            .Add<JsqTokensOptions>(
                "jsq-tokens", "fewest prompt and expected output tokens unfinished", (o, _) => new JsqTokensRouter(o))
            .Add<SessionAffinityOptions>(
                "session-affinity", "one replica a session, by a hash ring", (o, _) => new SessionAffinityRouter(o))
            .Add<ConsistentHashOptions>(
                "consistent-hash", "a hash ring over sessions or prefixes with bounded load",
                (o, _) => new ConsistentHashRouter(o))
            .Add<PrefixAwareOptions>(
                "prefix-aware", "longest prefix of the prompt sent there before",
                (o, c) => new PrefixAwareRouter(o, c))
            .Add<SglangCacheAwareOptions>(
                "sglang-cache-aware", "SGLang's: by a tree of prompts while loads are even",
                (o, _) => new SglangCacheAwareRouter(o))
            .Add<DynamoKvOptions>(
                "dynamo-kv", "NVIDIA Dynamo's: fewest blocks to prefill and in use",
                (o, c) => new DynamoKvRouter(o, c))
            .Add<LlmdOptions>(
                "llm-d", "llm-d's: a weighted sum of scores for queue, KV cache, prefix, …",
                (o, c) => new LlmdRouter(o, c))
            .Add<PredictedLatencyOptions>(
                "predicted-latency", "llm-d's: drawn by TTFT and TPOT that the latency models predict",
                (o, c) => new PredictedLatencyRouter(o, c));

    /// <summary>Who is let in: <c>cluster.admission</c>.</summary>
    public PartKind<IAdmissionPolicy, NoContext> Admissions { get; init; } =
        new PartKind<IAdmissionPolicy, NoContext>("admission policy")
            .Add("all", "everybody", _ => new AdmitAll())
            .Add<QueueCapsOptions>("queue-caps", "nobody while queues are full (vLLM)", (o, _) => new QueueCaps(o))
            .Add<TokenBucketOptions>(
                "token-bucket", "so many requests or prompt tokens a second, and bursts", (o, _) => new TokenBucket(o))
            .Add<EarlyRejectionOptions>(
                "early-rejection", "nobody whose predicted latencies are too long (Mooncake)",
                (o, _) => new EarlyRejection(o));

    /// <summary>What breaks: <c>fault</c> of an entry of <c>cluster.faults</c>.</summary>
    public PartKind<IFault, NoContext> Faults { get; init; } =
        new PartKind<IFault, NoContext>("fault")
            .Add<CrashOptions>("crash", "a replica breaks; its requests and KV are gone", (o, _) => new Crash(o))
            .Add<SlowGpuOptions>("slow-gpu", "a replica's steps take longer", (o, _) => new SlowGpu(o))
            .Add<LinkFaultOptions>("link", "links over which KV moves carry less, or none", (o, _) => new LinkFault(o))
            .Add<SpotEvictionOptions>(
                "spot-eviction", "a replica's machine is taken away, after a notice", (o, _) => new SpotEviction(o));

    /// <summary>When something breaks: <c>when</c> of an entry of <c>cluster.faults</c>.</summary>
    public PartKind<IFaultPlan, FaultPlanContext> FaultPlans { get; init; } =
        new PartKind<IFaultPlan, FaultPlanContext>("fault plan")
            .Add<ScheduledFaultsOptions>("schedule", "at given times", (o, _) => new ScheduledFaults(o))
            .Add<MtbfOptions>("mtbf", "by mean times between failures and to repair", (o, c) => new MtbfFaults(o, c));

    /// <summary>How prefilled requests reach decode replicas: <c>cluster.disaggregation.handoff</c>.</summary>
    public PartKind<IHandoff, NoContext> Handoffs { get; init; } =
        new PartKind<IHandoff, NoContext>("hand-off")
            .Add<NixlOptions>("nixl", "the decode engine reads the KV in its turn (vLLM)", (o, _) => new NixlHandoff(o))
            .Add<DistServeOptions>(
                "distserve", "a bridge queue, pulled when decode has room", (o, _) => new DistServeHandoff(o));

    /// <summary>How many replicas a pool should have: <c>scaling.autoscaler</c>.</summary>
    public PartKind<IAutoscaler, NoContext> Autoscalers { get; init; } =
        new PartKind<IAutoscaler, NoContext>("autoscaler")
            .Add<ScheduledReplicasOptions>("schedule", "so many at such a time", (o, _) => new ScheduledReplicas(o))
            .Add<HpaOptions>(
                "hpa", "Kubernetes' HorizontalPodAutoscaler, by a mean metric", (o, _) => new HpaAutoscaler(o))
            .Add<ThresholdOptions>(
                "thresholds", "one more or fewer past a threshold (Dynamo's load planner)",
                (o, _) => new ThresholdAutoscaler(o));

    /// <summary>The rules of an engine: <c>engine.profile</c>.</summary>
    public PartKind<EngineProfile, NoContext> Profiles { get; init; } =
        new PartKind<EngineProfile, NoContext>("engine profile")
            .Add("vllm-v0", "vLLM's legacy engine, up to v0.8: prefills before decodes", _ => EngineProfile.VllmV0())
            .Add("vllm-v1", "vLLM V1 as of 2026-02-15 (between v0.15 and v0.17)", _ => EngineProfile.VllmV1())
            .Add<VllmV1LateOptions>(
                "vllm-v1-late",
                "vLLM V1 as of 2026-08-17: admits more carefully",
                (o, _) => EngineProfile.VllmV1Late(o));

    /// <summary>The order of admission: <c>engine.policy</c>.</summary>
    public PartKind<IWaitingQueue, NoContext> Policies { get; init; } =
        new PartKind<IWaitingQueue, NoContext>("policy")
            .Add("fcfs", "first come, first served", _ => new FcfsQueue())
            .Add("priority", "lower value first, the worst running one preempted", _ => new PriorityQueuePolicy())
            .Add<LengthOrderOptions>(
                "shortest-first", "shortest prompt or predicted output first (BurstGPT's SRF)",
                (o, _) => LengthOrderQueue.ShortestFirst(o))
            .Add<LengthOrderOptions>(
                "longest-first", "longest prompt or predicted output first (BurstGPT's LRF)",
                (o, _) => LengthOrderQueue.LongestFirst(o));

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
                "linear", "four numbers fitted from a log, with breaks", (o, c) => c.AboveFloor(new LinearLatency(o)))
            .Add<TwoRegimeOptions>(
                "two-regime", "decodes and steps with prefill apart, fitted from a log",
                (o, c) => c.AboveFloor(new TwoRegimeLatency(o)))
            .Add<TableOptions>(
                "table", "operators as they were measured, interpolated; dense models",
                (o, c) => c.AboveFloor(new TableLatency(
                    OperatorCsv.Read(o.File, c), c.Model, c.Gpu, c.Parallelism, c.KvCacheDtype, o.MixedTileRows)))
            .Add<ConstantLatencyOptions>("constant", "every step the same", (o, _) => new ConstantLatency(o));

    /// <summary>How latency models are fitted to measurements: a calibration's <c>part</c>.</summary>
    public PartKind<ICalibration, CalibrationContext> Calibrations { get; init; } =
        new PartKind<ICalibration, CalibrationContext>("calibration")
            .Add("two-regime", "from steps, or batches served together", _ => new TwoRegimeCalibration())
            .Add("linear", "from steps, batches or a log of requests", _ => new LinearCalibration())
            .Add<RooflineCalibrationOptions>(
                "roofline", "from tables of operators", (o, c) => new RooflineCalibration(o, c.Gpu));

    /// <summary>Where a sweep looks: its <c>points</c>.</summary>
    public PartKind<IPointSet, NoContext> PointSets { get; init; } =
        new PartKind<IPointSet, NoContext>("point set")
            .Add<GridOptions>("grid", "every combination of the values of each path", (o, _) => new Grid(o))
            .Add<PointListOptions>("list", "points one by one", (o, _) => new PointList(o))
            .Add<LatinHypercubeOptions>(
                "latin-hypercube", "drawn so that every path's range is covered evenly",
                (o, _) => new LatinHypercube(o));

    /// <summary>How figures of papers are made: <c>reproduction</c> of a pack's files.</summary>
    public PartKind<IReproduction, NoContext> Reproductions { get; init; } =
        new PartKind<IReproduction, NoContext>("reproduction")
            .Add<WeeklyHeatMapsOptions>(
                "weekly-heat-maps", "requests a day by week and weekday", (o, _) => new WeeklyHeatMaps(o))
            .Add<HourlyBoxesOptions>(
                "hourly-boxes", "box plots of what comes in each hour", (o, _) => new HourlyBoxes(o))
            .Add<ResponseByRequestOptions>(
                "response-by-request", "response against request tokens", (o, _) => new ResponseByRequest(o))
            .Add<TurnsAndGapsOptions>(
                "turns-and-gaps", "requests of conversations and the time between", (o, _) => new TurnsAndGaps(o))
            .Add<LengthDistributionsOptions>(
                "length-distributions", "lengths with Zipf and lognormal fits", (o, _) => new LengthDistributions(o))
            .Add<GammaBySlotOptions>(
                "gamma-by-slot", "α(t) and β(t) of gaps by 20 minutes of the day", (o, _) => new GammaBySlot(o))
            .Add<CompositionTableOptions>(
                "composition-table", "rows by log type and model", (o, _) => new CompositionTable(o))
            .Add<FailureTableOptions>(
                "failure-table", "failed rows by service, hour and load", (o, _) => new FailureTable(o))
            .Add<LengthTableOptions>("length-table", "tokens of requests and responses", (o, _) => new LengthTable(o))
            .Add<ArrivalTableOptions>(
                "arrival-table", "gaps, peaks, dispersion and variation", (o, _) => new ArrivalTable(o))
            .Add("hour-of-day", "mean requests by hour of the day", _ => new HourOfDay())
            .Add<KvCacheOptions>(
                "kv-cache", "bursty and smooth arrivals of the same rate on one replica",
                (o, _) => new KvCacheReproduction(o))
            .Add<SchedulingOptions>(
                "scheduling", "orders of admission on conversations and API traffic",
                (o, _) => new SchedulingReproduction(o))
            .Add<DisaggregationOptions>(
                "disaggregation", "fixed and searched ratios of prefill to decode replicas",
                (o, _) => new DisaggregationReproduction(o))
            .Add<ForecastOptions>(
                "load-forecast", "how much comes next, and what provisioning by it saves",
                (o, _) => new ForecastReproduction(o))
            .Add<FailuresByLoadOptions>(
                "failures-by-load", "a trace's failures beside those that load makes",
                (o, _) => new FailuresByLoad(o));

    /// <inheritdoc/>
    public IReadOnlyList<IPartKind> PartKinds =>
    [
        Workloads, Arrivals, JointLengths, Lengths, Gaps, Routers, Admissions, Handoffs, Autoscalers, Faults,
        FaultPlans, Profiles, Policies, Evictions, Latencies, Calibrations, PointSets,
        Reproductions,
    ];

    /// <inheritdoc/>
    public IReadOnlyList<FileKind> FileKinds { get; } =
    [
        new FileKind(typeof(GpuSpec), "gpus"),
        new FileKind(typeof(ModelSpec), "models") { Translate = HuggingFaceConfig.Translate },
        new FileKind(typeof(LatencyFile), "latency"),
        new FileKind(typeof(JointTable), "lengths"),
        new FileKind(typeof(QuantileTable), "lengths"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> ConfigFolders { get; init; } = Configs.Folders();

    /// <summary>A file of <c>configs/latency</c>; throws <see cref="ScenarioException"/>.</summary>
    public LatencyFile ReadLatencyFile(string name)
    {
        string path = ConfigFolders.Select(root => Path.Combine(root, "latency", name + ".yaml")).First(File.Exists);
        return ScenarioFile.Read<LatencyFile>(path, [], this);
    }

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
