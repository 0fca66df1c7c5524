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
/// Share of prefill in the time that its tokens would take in steps of their own, the other share being of decodes in
/// steps of as many as run; 0 to 1.
/// </param>
public sealed record BindingConstraint(
    ConstraintKind Kind, double Running, int MaxNumSeqs, double Waiting, double KvUsage, double PrefillShare)
{
    /// <summary>Usage at which a limit counts as reached, as means over windows smooth it.</summary>
    private const double Reached = 0.9;

    /// <summary>What binds a pool under this pressure.</summary>
    internal static BindingConstraint Of(PoolSection pool, WorkloadProfile profile, Pressure pressure)
    {
        EngineConfig engine = EngineResolution.Resolve(pool);
        double share = new ReplicaThroughput(pool, profile).PrefillShare(
            pressure.PrefillTokens, pressure.OutputTokens, pressure.Running);
        ConstraintKind kind = pressure.Running >= Reached * engine.MaxNumSeqs ? ConstraintKind.AdmissionCap
            : pressure.KvUsage >= Reached ? ConstraintKind.KvCapacity
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

    /// <summary>Most of the time goes into prompts.</summary>
    Prefill,

    /// <summary>Most of the time goes into outputs.</summary>
    Decode,
}
