namespace ServingSim.Experiments.Results;

/// <summary>
/// What a pool, or all of them, took and gave over the whole run, from time 0 to its end, warm-up included.
/// </summary>
/// <param name="GpuHours">GPU hours paid for, those of replicas that start or drain included.</param>
/// <param name="ServingGpuHours">Those of them in which replicas served or finished what they had.</param>
/// <param name="BusyGpuHours">Those of them in which a step was under way.</param>
/// <param name="Completed">Requests that were completed.</param>
/// <param name="Tokens">Prompt and output tokens of those.</param>
/// <param name="OutputTokens">Output tokens of those.</param>
/// <param name="Usd">
/// What the GPU hours cost, at the prices of <c>configs/gpus</c>; null where one has none.
/// </param>
/// <param name="Kwh">
/// Energy of the GPUs paid for, idle ones included: 43 % of their thermal design power, and as much again where they
/// compute or read all the time (first order: an H100 takes 300 W at batch 1 and 600 W at batch 128 of a 70B model).
/// Steps of models with experts, whose bytes nobody knows, count as active throughout.
/// </param>
/// <param name="Flop">
/// Floating-point operations of the layers' matrix products and of the output head; attention's are not in it.
/// </param>
/// <param name="PeakFlop">What the GPUs could have done while they served.</param>
/// <param name="HbmBytes">
/// Bytes of weights that steps read, each all of them once, and of KV that decodes attended to; null for models with
/// experts, of whose weights steps read some.
/// </param>
/// <param name="PeakHbmBytes">What the GPUs could have read while they served.</param>
/// <param name="ReplicasStarted">How often a replica began to be started.</param>
/// <param name="ReplicasStopped">How often a replica was given up.</param>
/// <param name="ServesWhole">
/// Whether its requests were served there from beginning to end; else only the fleet's cost is that of tokens and
/// requests.
/// </param>
public sealed record FleetFigures(
    double GpuHours,
    double ServingGpuHours,
    double BusyGpuHours,
    long Completed,
    long Tokens,
    long OutputTokens,
    double? Usd,
    double Kwh,
    double Flop,
    double PeakFlop,
    double? HbmBytes,
    double PeakHbmBytes,
    long ReplicasStarted,
    long ReplicasStopped,
    bool ServesWhole = true)
{
    /// <summary>
    /// Cost of a million prompt and output tokens of completed requests; null where they were not served whole.
    /// </summary>
    public double? UsdPerMillionTokens => ServesWhole && Tokens > 0 ? Usd / Tokens * 1e6 : null;

    /// <summary>Cost of a million output tokens of completed requests.</summary>
    public double? UsdPerMillionOutputTokens =>
        ServesWhole && OutputTokens > 0 ? Usd / OutputTokens * 1e6 : null;

    /// <summary>Cost of a completed request.</summary>
    public double? UsdPerRequest => ServesWhole && Completed > 0 ? Usd / Completed : null;

    /// <summary>The share of the time in which replicas served that they were in a step.</summary>
    public double? BusyShare => ServingGpuHours > 0 ? BusyGpuHours / ServingGpuHours : null;

    /// <summary>The share of the peak FLOP of the time in which replicas served.</summary>
    public double? ComputeUtilisation => PeakFlop > 0 ? Flop / PeakFlop : null;

    /// <summary>The share of the memory bandwidth of the time in which replicas served.</summary>
    public double? BandwidthUtilisation => PeakHbmBytes > 0 ? HbmBytes / PeakHbmBytes : null;

    /// <summary>Pools together.</summary>
    public static FleetFigures Sum(IReadOnlyCollection<FleetFigures> pools) => new(
        pools.Sum(p => p.GpuHours),
        pools.Sum(p => p.ServingGpuHours),
        pools.Sum(p => p.BusyGpuHours),
        pools.Sum(p => p.Completed),
        pools.Sum(p => p.Tokens),
        pools.Sum(p => p.OutputTokens),
        pools.All(p => p.Usd is not null) ? pools.Sum(p => p.Usd) : null,
        pools.Sum(p => p.Kwh),
        pools.Sum(p => p.Flop),
        pools.Sum(p => p.PeakFlop),
        pools.All(p => p.HbmBytes is not null) ? pools.Sum(p => p.HbmBytes) : null,
        pools.Sum(p => p.PeakHbmBytes),
        pools.Sum(p => p.ReplicasStarted),
        pools.Sum(p => p.ReplicasStopped));
}
