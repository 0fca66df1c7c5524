using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>What serves the requests.</summary>
/// <param name="Pools">The pools, by name.</param>
/// <param name="Router">What chooses a replica for each request, of all pools that can serve it.</param>
/// <param name="Admission">Who is let in.</param>
/// <param name="Scrape">
/// How old the gauges are that routers see; without it they are of the instant. Routers that go by what they sent
/// themselves read no gauge.
/// </param>
/// <param name="Faults">What breaks.</param>
/// <param name="Health">How routers learn which replicas answer; without it they know at once.</param>
/// <param name="Disaggregation">
/// How requests get from prefill to decode pools; without it, where there are such pools, its defaults.
/// </param>
/// <param name="GpuBudget">
/// GPUs that all pools together may have at a time, those of replicas that start or drain included; without it, as
/// many as their autoscalers want.
/// </param>
public sealed record ClusterSection(
    [property: MinLength(1)] IReadOnlyDictionary<string, PoolSection> Pools,
    [property: DefaultValue("least-outstanding")] PartChoice<IRouter, RouterContext> Router,
    [property: DefaultValue("all")] PartChoice<IAdmissionPolicy, NoContext> Admission,
    [property: DefaultValue("[]")] IReadOnlyList<FaultSection> Faults,
    ScrapeOptions? Scrape = null,
    DisaggregationSection? Disaggregation = null,
    HealthOptions? Health = null,
    int? GpuBudget = null) : IValidated, ICompleted
{
    internal const int MostReplicas = 10_000;

    /// <summary>This program keeps some bytes for each block.</summary>
    private const long MostBlocks = 500_000_000;

    object ICompleted.Completed(Func<Type, object?> defaultOf) =>
        Disaggregation is null && Pools.Values.Any(pool => pool.Role != PoolRole.Mixed)
            ? this with { Disaggregation = (DisaggregationSection?)defaultOf(typeof(DisaggregationSection)) }
            : this;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Pools.Count is < 1 or > ClusterSpec.MostPools)
        {
            yield return (nameof(Pools), $"found {Pools.Count} pools, expected 1 to {ClusterSpec.MostPools}");
        }

        foreach (string name in Pools.Keys.Where(name => name.Length == 0 || name == Summary.None))
        {
            yield return (nameof(Pools), $"found a pool named '{name}', expected another name");
        }

        for (int i = 0; i < Faults.Count; i++)
        {
            if (Faults[i].ProblemIn(Pools) is { } problem)
            {
                yield return ($"faults.{i}.on", problem);
            }
            else if (Faults[i].ProblemOfLinks(this) is { } unused)
            {
                yield return ($"faults.{i}.fault", unused);
            }
        }

        if (Health is not null && Faults.Count == 0)
        {
            yield return (nameof(Health), "checks replicas of which none can break; expected faults");
        }

        (long replicas, long blocks) = (Pools.Values.Sum(p => p.MostReplicasOfAny), Pools.Values.Sum(p => p.Blocks()));
        if (replicas > MostReplicas || blocks > MostBlocks)
        {
            yield return (
                nameof(Pools),
                $"found {replicas:N0} replicas with {blocks:N0} KV blocks, expected at most {MostReplicas:N0} and "
                + $"{MostBlocks:N0}");
        }

        foreach ((string? parameter, string problem) in DisaggregationSection.Problems(this))
        {
            yield return (parameter, problem);
        }

        long gpus = Pools.Values.Sum(p => (long)p.Replicas * p.Parallelism.Gpus);
        if (gpus > GpuBudget)
        {
            yield return (nameof(GpuBudget), $"found {GpuBudget}, but the pools begin with {gpus} GPUs");
        }
    }
}

/// <summary>Equal replicas.</summary>
/// <param name="Gpu">Their GPU: a name in <c>configs/gpus</c> or a path.</param>
/// <param name="Model">Their model: a name in <c>configs/models</c> or a path, also of a Hugging Face
/// config.json.</param>
/// <param name="Latency">How long their steps take: a part, a name in <c>configs/latency</c> or a path.</param>
/// <param name="Host">What the host adds to each step.</param>
/// <param name="Parallelism">How a replica is spread over GPUs.</param>
/// <param name="Engine">Their engine and its knobs.</param>
/// <param name="MemoryOverhead">Device memory that is neither weights nor KV.</param>
/// <param name="Serves">
/// Which requests are sent here: those whose every label named here has one of the values; all where none is named.
/// </param>
/// <param name="Role">What they do.</param>
/// <param name="Replicas">How many there are, at the start where their number changes.</param>
/// <param name="Scaling">How their number changes; without it, it does not.</param>
public sealed record PoolSection(
    NamedFile<GpuSpec> Gpu,
    NamedFile<ModelSpec> Model,
    LatencyChoice Latency,
    [property: DefaultValue("{}")] HostSection Host,
    [property: DefaultValue("{}")] Parallelism Parallelism,
    [property: DefaultValue("{}")] EngineSection Engine,
    [property: DefaultValue("{}")] MemoryOverhead MemoryOverhead,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, IReadOnlyList<string>> Serves,
    PoolRole Role = PoolRole.Mixed,
    int Replicas = 1,
    ScalingSection? Scaling = null) : IValidated
{
    private const int MostReplicas = ClusterSection.MostReplicas;
    private const string DoesNotFit = "does not fit model ";
    private const string FittedElsewhere = "was measured on ";
    private const string WouldNotStart = "the engine would not start: ";

    /// <summary>Whether a problem is one of these choices together, each of which could be right by itself.</summary>
    internal static bool IsMisfit(string problem) =>
        problem.StartsWith(DoesNotFit, StringComparison.Ordinal)
        || problem.StartsWith(FittedElsewhere, StringComparison.Ordinal)
        || problem.StartsWith(WouldNotStart, StringComparison.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Replicas is < 1 or > MostReplicas)
        {
            yield return (nameof(Replicas), $"found {Replicas}, expected 1 to {MostReplicas}");
        }

        if (Scaling is { } scaling && (Replicas < scaling.MinReplicas || Replicas > scaling.MaxReplicas))
        {
            yield return (
                nameof(Replicas),
                $"found {Replicas}, expected scaling's {scaling.MinReplicas} to {scaling.MaxReplicas}");
        }

        if (Scaling is not null && Parallelism.Dp > 1)
        {
            yield return (
                nameof(Scaling),
                $"found parallelism.dp {Parallelism.Dp}, but replicas that share experts do not scale");
        }

        if (Parallelism.Dp > 0 && Replicas % Parallelism.Dp != 0)
        {
            yield return (
                nameof(Replicas),
                $"found {Replicas}, expected a multiple of parallelism.dp ({Parallelism.Dp}), which share experts");
        }

        foreach ((string label, IReadOnlyList<string> values) in Serves)
        {
            if (WorkloadSection.IsNoLabel(label, "") || values.Count == 0
                || values.Any(value => WorkloadSection.IsNoLabel(label, value)))
            {
                yield return (
                    nameof(Serves),
                    $"found {label}: [{string.Join(", ", values)}], expected a label's name and values, without ';', "
                    + "'=' or line break");
            }
        }

        List<string> misfits = [.. Parallelism.ProblemsWith(Model.Value)];
        foreach (string problem in misfits)
        {
            yield return (nameof(Parallelism), $"{DoesNotFit}{Model.Name}: {problem}");
        }

        foreach (string problem in Parallelism.ProblemsWith(Gpu.Value))
        {
            misfits.Add(problem);
            yield return (nameof(Parallelism), $"does not fit GPU {Gpu.Name}: {problem}");
        }

        foreach (string problem in Latency.File?.Value.Misfits(this) ?? [])
        {
            yield return (nameof(Latency), FittedElsewhere + problem);
        }

        if (Latency.Part.Options is TableOptions && NotInTables(Model.Value) is { } operators)
        {
            yield return (nameof(Latency), $"{DoesNotFit}{Model.Name}: tables of operators hold no {operators}");
        }

        foreach (string problem in misfits.Count == 0 ? EngineResolution.Problems(this) : [])
        {
            yield return (nameof(Engine), WouldNotStart + problem);
        }
    }

    private static string? NotInTables(ModelSpec model) =>
        model.Moe is not null ? "experts"
        : model.Mla is not null ? "latent attention"
        : model.SlidingWindow is not null ? "attention within windows"
        : null;

    /// <summary>Where its step times come from, how far off they may be, what they leave out; in one line.</summary>
    internal string StepTimes => Latency.Provenance
        + (Parallelism.Pp > EngineResolution.Resolve(this).PipelineStages
            ? $"; {Parallelism.Pp} pipeline stages with one batch in flight"
            : "");

    /// <summary>KV blocks of all its replicas.</summary>
    internal long Blocks() => MostReplicasOfAny * EngineResolution.Resolve(this).NumGpuBlocks;

    /// <summary>Replicas that it has at a time at most.</summary>
    internal long MostReplicasOfAny => Math.Max(Replicas, Scaling?.MaxReplicas ?? 0);
}

/// <summary>What a latency model is made for.</summary>
/// <param name="Model">The model.</param>
/// <param name="Gpu">The GPU.</param>
/// <param name="Parallelism">How a replica is spread over GPUs.</param>
/// <param name="KvCacheDtype">How keys and values are stored.</param>
public sealed record LatencyContext(ModelSpec Model, GpuSpec Gpu, Parallelism Parallelism, KvCacheDtype KvCacheDtype)
{
    /// <summary>The latency model, its steps never faster than the GPU's peaks allow.</summary>
    internal FlooredLatency AboveFloor(ILatencyModel fitted) =>
        FlooredLatency.AbovePhysics(fitted, Model, Gpu, Parallelism, KvCacheDtype);
}
