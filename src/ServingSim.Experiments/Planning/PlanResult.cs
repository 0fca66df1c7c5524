using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Planning;

/// <summary>What the planner found.</summary>
/// <param name="Plan">The question.</param>
/// <param name="Goals">What a fleet has to reach.</param>
/// <param name="Profile">What the workload asks for; null if no candidate can be built.</param>
/// <param name="Candidates">What became of each candidate, in the plan's order.</param>
/// <param name="Fleets">The cheapest fleets that meet the goals, cheapest first; none if none does.</param>
/// <param name="Closest">The fleet that came nearest, if none met the goals and any was run.</param>
/// <param name="Sensitivities">What becomes of the cheapest fleet if the workload differs.</param>
public sealed record PlanResult(
    Plan Plan,
    AttainmentGoals Goals,
    WorkloadProfile? Profile,
    IReadOnlyList<CandidateOutcome> Candidates,
    IReadOnlyList<PlannedFleet> Fleets,
    PlannedFleet? Closest,
    IReadOnlyList<Sensitivity> Sensitivities)
{
    /// <summary>Simulations made to find the fleets.</summary>
    public required int SearchRuns { get; init; }

    /// <summary>All simulations, those of the workload, of neighbours and of other loads included.</summary>
    public required int Runs { get; init; }

    /// <summary>Simulations that trying every candidate with every number of replicas would take.</summary>
    public required long ExhaustiveRuns { get; init; }

    /// <summary>
    /// Counts of one candidate of which the greater does not meet the goals though the smaller does: the answer is then
    /// not sure to be the least.
    /// </summary>
    public required IReadOnlyList<string> Surprises { get; init; }
}

/// <summary>What became of a candidate.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Bounds">What is known of it without simulating; null if it cannot be built.</param>
/// <param name="Kind">Its fate.</param>
/// <param name="Replicas">The least number that meets the goals, or that failed as the most allowed; or null.</param>
/// <param name="Reason">Why it does not do, in words; empty where it does.</param>
public sealed record CandidateOutcome(
    Candidate Candidate, FleetBounds? Bounds, OutcomeKind Kind, int? Replicas, string Reason);

/// <summary>The fates of candidates.</summary>
public enum OutcomeKind
{
    /// <summary>It meets the goals with so many replicas, and not with one less.</summary>
    Meets,

    /// <summary>It would cost more than the fleets that were found.</summary>
    CostsMore,

    /// <summary>It does not meet the goals with as many replicas as there may be.</summary>
    Fails,

    /// <summary>No number of replicas that the plan or the budget allows can do the work, by the bounds.</summary>
    Cannot,

    /// <summary>It cannot be built: the model does not fit, or the engine would not start.</summary>
    Misfit,
}

/// <summary>A fleet that was run.</summary>
/// <param name="Candidate">What a replica is.</param>
/// <param name="Replicas">How many there are.</param>
/// <param name="Bounds">What was known of it without simulating.</param>
/// <param name="Trials">Its replications.</param>
/// <param name="OneLess">Those with one replica less; none if it has only one.</param>
/// <param name="OneMore">Those with one replica more.</param>
/// <param name="Binds">What keeps the fleet with one replica less, or the only replica, from more requests.</param>
/// <param name="Headroom">
/// The greatest multiple of the load, within 5 % and up to 8, that it meets the goals under; null if the load cannot be
/// changed.
/// </param>
/// <param name="RatePerS">
/// Requests per second of the plan's load; in a closed loop those that it answers, null if it answers none.
/// </param>
public sealed record PlannedFleet(
    Candidate Candidate,
    int Replicas,
    FleetBounds Bounds,
    IReadOnlyList<Trial> Trials,
    IReadOnlyList<Trial> OneLess,
    IReadOnlyList<Trial> OneMore,
    BindingConstraint? Binds,
    double? Headroom,
    double? RatePerS)
{
    private const double SecondsPerHour = 3600;

    /// <summary>Its GPUs.</summary>
    public int Gpus => Candidate.GpusOf(Replicas);

    /// <summary>What it costs per hour.</summary>
    public double CostPerHour => Candidate.CostOf(Replicas);

    /// <summary>Requests per second of the greatest load; null if the load cannot be changed.</summary>
    public double? Goodput => Headroom * RatePerS;

    /// <summary>Cost of a million output tokens of completed requests, at the plan's load.</summary>
    public double? CostPerMillionOutputTokens => CostPerMillion(Mean("total_output_tokens"));

    /// <summary>Cost of a million tokens of completed requests, prompts and outputs, at the plan's load.</summary>
    public double? CostPerMillionTokens =>
        CostPerMillion(Mean("total_output_tokens") + Mean("total_input_tokens"));

    /// <summary>Whether no other of the fleets is as good in all respects and better in one.</summary>
    public bool IsOnFront { get; init; }

    /// <summary>How its queue grows under the plan's load; null where it does not.</summary>
    public QueueTrend? Trend => QueueTrend.Of([.. Trials.Select(t => t.Run).OfType<Replication>()]);

    /// <summary>How its queue grows under the greatest load; null where it does not.</summary>
    public QueueTrend? HeadroomTrend { get; init; }

    /// <summary>The mean of a figure over its replications.</summary>
    public double? Mean(string figure) => Estimate.Of(Trials.Select(t => t.Figure(figure)), 0.5)?.Mean;

    /// <summary>Whether this is as good as another in cost, p99 TTFT, p99 TPOT, goodput, and better in one.</summary>
    internal bool Dominates(PlannedFleet other)
    {
        (double, double)[] pairs = [.. Respects().Zip(other.Respects())];
        return pairs.All(p => p.Item1 <= p.Item2) && pairs.Any(p => p.Item1 < p.Item2);
    }

    private double[] Respects() =>
    [
        CostPerHour, Mean("p99_ttft_ms") ?? 0, Mean("p99_tpot_ms") ?? 0, -(Goodput ?? 0),
    ];

    // By tokens a request, because a run's throughput counts neither its warm-up's requests nor the end's idle time
    private double? CostPerMillion(double? tokens) => tokens > 0 && Mean("arrived") is { } requests
        ? CostPerHour / (RatePerS * tokens / requests * SecondsPerHour) * 1e6
        : null;
}

/// <summary>What becomes of the cheapest fleet under another load.</summary>
/// <param name="Load">What differs.</param>
/// <param name="Trials">Its replications; none if the load cannot be changed so.</param>
/// <param name="Meets">Whether it still meets the goals; null if the load cannot be changed so.</param>
/// <param name="Replicas">The least number of replicas that does; null if none was found.</param>
/// <param name="Problem">Why the load cannot be changed so; null where it can.</param>
public sealed record Sensitivity(
    string Load, IReadOnlyList<Trial> Trials, bool? Meets, int? Replicas, string? Problem);
