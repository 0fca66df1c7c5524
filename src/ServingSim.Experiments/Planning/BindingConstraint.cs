using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>What keeps a fleet from more requests, by what its replicas are busy with when it is busiest.</summary>
/// <param name="Kind">The constraint.</param>
/// <param name="Running">Running requests of a replica.</param>
/// <param name="MaxNumSeqs">How many may run.</param>
/// <param name="Waiting">Waiting requests of a replica.</param>
/// <param name="KvUsage">Share of KV blocks in use, 0 to 1.</param>
/// <param name="PrefillShare">
/// What is left of the 99th percentile of TPOT beyond a step of as many decodes as run, as a share of it: the time of
/// the prefills that share steps with decodes. 1 where there are no decodes.
/// </param>
public sealed record BindingConstraint(
    ConstraintKind Kind, double Running, int MaxNumSeqs, double Waiting, double KvUsage, double PrefillShare)
{
    /// <summary>Means over windows and replicas at which a limit counts as reached.</summary>
    private const double CapReached = 0.9;

    // The next prompt does not fit what is left: with prompts of a part of the cache this is below 1
    private const double KvReached = 0.8;

    /// <summary>What binds a pool under this pressure.</summary>
    internal static BindingConstraint Of(
        PoolSection pool, WorkloadProfile profile, Pressure pressure, double? p99TpotMs)
    {
        EngineConfig engine = EngineResolution.Resolve(pool);
        int decodes = (int)Math.Max(1, Math.Round(pressure.Running));
        double decodeMs = new ReplicaThroughput(pool, profile).StepMs(decodes, withPrefill: false);
        double share = p99TpotMs is { } tpotMs and > 0 ? Math.Max(0, 1 - (decodeMs / tpotMs)) : 1;
        ConstraintKind kind = pressure.Running >= CapReached * engine.MaxNumSeqs ? ConstraintKind.AdmissionCap
            : pressure.KvUsage >= KvReached ? ConstraintKind.KvCapacity
            : share >= 0.5 ? ConstraintKind.Prefill
            : ConstraintKind.Decode;
        return new BindingConstraint(
            kind, pressure.Running, engine.MaxNumSeqs, pressure.Waiting, pressure.KvUsage, share);
    }
}

/// <summary>What can bind.</summary>
public enum ConstraintKind
{
    /// <summary>Running requests reach <c>max_num_seqs</c>.</summary>
    AdmissionCap,

    /// <summary>The KV cache is full.</summary>
    KvCapacity,

    /// <summary>Prompts take most of the time between tokens.</summary>
    Prefill,

    /// <summary>Decodes do.</summary>
    Decode,
}
