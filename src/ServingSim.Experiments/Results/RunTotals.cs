using System.Collections.Immutable;
using ServingSim.Experiments.Workloads;

namespace ServingSim.Experiments.Results;

/// <summary>What is known of a run as a whole when it ends.</summary>
/// <param name="Name">The scenario's name.</param>
/// <param name="Seed">The seed of all its draws.</param>
/// <param name="Arrived">Client requests that the workload gave, warm-up included; every one must have its
/// record.</param>
/// <param name="Events">Events that the simulation handled.</param>
/// <param name="Trace">What became of the rows of a trace; null if none was read.</param>
public sealed record RunTotals(string Name, long Seed, long Arrived, long Events, TraceCounts? Trace = null)
{
    /// <summary>Why requests were refused, and how many, warm-up included.</summary>
    public ImmutableSortedDictionary<string, long> RefusedByReason { get; init; } =
        ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Where each pool's step times come from, and how far they may be off, by pool.</summary>
    public ImmutableSortedDictionary<string, string> StepTimes { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What each pool took and gave, by pool.</summary>
    public ImmutableSortedDictionary<string, FleetFigures> Fleet { get; init; } =
        ImmutableSortedDictionary<string, FleetFigures>.Empty;

    /// <summary>What clients did beside waiting; null where they only wait.</summary>
    public ClientFigures? Clients { get; init; }

    /// <summary>What faults did; null where nothing can break.</summary>
    public FaultFigures? Faults { get; init; }

    /// <summary>Failures in the trace beside those of the run, by service; null where nobody asked.</summary>
    public IReadOnlyList<FailureFigures>? Failures { get; init; }
}
