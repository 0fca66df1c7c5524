using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What a fleet has to reach: shares of requests within their SLO. A goal is met if the lower end of a one-sided
/// confidence interval over the replications reaches it: by Student's t, so that with this confidence the expected
/// share does.
/// </summary>
/// <param name="Goals">The goals, at least one.</param>
/// <param name="Confidence">Of the one-sided interval, above 0.5.</param>
public sealed record AttainmentGoals(IReadOnlyList<AttainmentGoal> Goals, double Confidence)
{
    /// <summary>The least of what is missing at the lower ends: 0 or more where all goals are met.</summary>
    public double MarginOf(IReadOnlyList<Trial> trials) =>
        Goals.Min(g => (LowOf(g.Figure, trials) ?? -1) - g.Target);

    /// <summary>
    /// Whether trials meet all goals; null while not all have been made and the others could still meet them.
    /// </summary>
    public bool? Decide(IReadOnlyList<Trial> trials, int count)
    {
        // The lower end is at most the mean, and the mean at most what it is if all further requests are within
        int further = count - trials.Count;
        bool cannot = trials.Any(t => t.Problem is not null)
            || Goals.Any(g => trials.Sum(t => t.Figure(g.Figure) ?? 1) + further < g.Target * count);
        return cannot ? false : further > 0 ? null : MarginOf(trials) >= 0;
    }

    /// <summary>The mean and half of the interval whose lower end decides.</summary>
    public Estimate? Of(string figure, IReadOnlyList<Trial> trials) =>
        Estimate.Of(trials.Select(t => t.Figure(figure)), (2 * Confidence) - 1);

    /// <summary>The lower end of the one-sided interval; of a single trial its value; null if undefined.</summary>
    public double? LowOf(string figure, IReadOnlyList<Trial> trials) =>
        Of(figure, trials) is { } e ? Math.Max(0, e.Low ?? e.Mean) : null;

    /// <summary>What is wrong with a scenario that is searched by such goals; throws it.</summary>
    internal static void Check(LoadedScenario scenario)
    {
        Scenario s = scenario.Scenario;
        SloTargets targets = s.Slo.Targets();
        if (targets.Overall is null && targets.ByLabel.Count == 0)
        {
            throw scenario.Error("slo", "missing: without limits there is nothing to attain; expected ttft_ms, "
                + "tpot_ms or e2el_ms, or by_label");
        }

        if (s.Replications.Until is not null)
        {
            throw scenario.Error("replications.until", "found, but all that is searched runs equally often; use count");
        }

        if (s.Replications.Warmup != WarmupRule.Given)
        {
            throw scenario.Error(
                "replications.warmup", "found a warm-up to be detected, but every load would have its own; use warmup");
        }

        if (s.Replications.Confidence <= 0.5)
        {
            throw scenario.Error(
                "replications.confidence",
                $"found {s.Replications.Confidence}, expected above 0.5: the interval is one-sided");
        }
    }
}

/// <summary>A share of requests that has to be within the SLO.</summary>
/// <param name="Name">Of which requests, for people.</param>
/// <param name="Figure">Which figure of a run that is.</param>
/// <param name="Target">The share, above 0 and at most 1.</param>
public sealed record AttainmentGoal(string Name, string Figure, double Target)
{
    /// <summary>The figure of all requests.</summary>
    public const string Overall = "attainment";

    /// <summary>A goal for all requests.</summary>
    internal static AttainmentGoal Of(double target) => new("all", Overall, target);

    /// <summary>A goal for the requests with a label's value.</summary>
    internal static AttainmentGoal Of(string label, string value, double target) =>
        new($"{label}={value}", $"by_label.{label}.{value}.attainment", target);
}
