using System.Collections.Immutable;
using ServingSim.Experiments.Workloads;

namespace ServingSim.Experiments.Results;

/// <summary>
/// The figures of a run, as in <c>summary.json</c>. Requests that arrived during the warm-up are in
/// <see cref="Warmup"/> and nowhere else, so <c>overall.arrived + warmup.arrived</c> is <see cref="Arrived"/>.
/// </summary>
public sealed record Summary
{
    /// <summary>The version of this layout.</summary>
    public const int Schema = 1;

    /// <summary>What requests without the label, or without a replica, are listed under.</summary>
    public const string None = "(none)";

    /// <summary>The scenario's name.</summary>
    public required string Name { get; init; }

    /// <summary>The seed of all draws.</summary>
    public required long Seed { get; init; }

    /// <summary>All client requests, warm-up included.</summary>
    public required long Arrived { get; init; }

    /// <summary>Events that the simulation handled.</summary>
    public required long Events { get; init; }

    /// <summary>Which requests have a row in requests.csv, and so whether percentiles are exact.</summary>
    public required RequestSelection Rows { get; init; }

    /// <summary>The requests that arrived during the warm-up: simulated, not counted in any block.</summary>
    public required RequestCounts Warmup { get; init; }

    /// <summary>Why requests were refused, and how many, warm-up included.</summary>
    public required ImmutableSortedDictionary<string, long> RefusedByReason { get; init; }

    /// <summary>Where each pool's step times come from, and how far they may be off, by pool.</summary>
    public required ImmutableSortedDictionary<string, string> StepTimes { get; init; }

    /// <summary>What became of the rows of the trace; null if none was read.</summary>
    public required TraceCounts? Trace { get; init; }

    /// <summary>What each pool took and gave over the whole run, by pool.</summary>
    public ImmutableSortedDictionary<string, FleetFigures> Fleet { get; init; } =
        ImmutableSortedDictionary<string, FleetFigures>.Empty;

    /// <summary>What clients did beside waiting; null where they only wait.</summary>
    public ClientFigures? Clients { get; init; }

    /// <summary>What faults did; null where nothing can break.</summary>
    public FaultFigures? Faults { get; init; }

    /// <summary>Failures in the trace beside those of the run, by service; null where nobody asked.</summary>
    public IReadOnlyList<FailureFigures>? Failures { get; init; }

    /// <summary>All requests that count.</summary>
    public required SummaryBlock Overall { get; init; }

    /// <summary>By label that the scenario names in <c>report_by</c>, then by its value.</summary>
    public required ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SummaryBlock>> ByLabel
    {
        get;
        init;
    }

    /// <summary>By pool of the replica that served a request last.</summary>
    public required ImmutableSortedDictionary<string, SummaryBlock> ByPool { get; init; }

    /// <summary>What faster and slower steps would have made of the run; null where nobody asked.</summary>
    public StepTimeBand? Band { get; init; }
}
