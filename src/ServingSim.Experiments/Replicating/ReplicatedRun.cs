using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Replicating;

/// <summary>What the replications of a scenario gave.</summary>
/// <param name="Scenario">What was run, its warm-up as it was given or detected.</param>
/// <param name="Runs">The figures of each replication, in order.</param>
/// <param name="Trend">How the queue grew, if it did so all the time; null if it did not.</param>
/// <param name="Notes">What a reader of the figures has to know: sentences without a full stop.</param>
public sealed record ReplicatedRun(
    LoadedScenario Scenario, IReadOnlyList<RunFigures> Runs, QueueTrend? Trend, IReadOnlyList<string> Notes)
{
    /// <summary>What replications gave; adds a note if the queue grows.</summary>
    public static ReplicatedRun Of(
        LoadedScenario scenario, IReadOnlyList<Replication> replications, IReadOnlyList<string> notes)
    {
        QueueTrend? trend = QueueTrend.Of(replications);
        string[] growth = trend is null ? [] : [trend.Note];
        return new ReplicatedRun(scenario, [.. replications.Select(r => r.Figures)], trend, [.. notes, .. growth]);
    }

    /// <summary>The names of all figures that occurred, in the order of summary.json.</summary>
    public IReadOnlyList<string> Names => [.. Runs.SelectMany(r => r.Names).Distinct()];

    /// <summary>The estimate of a figure; null if it was undefined in every replication.</summary>
    public Estimate? Of(string figure) =>
        Estimate.Of(Runs.Select(r => r[figure]), Scenario.Scenario.Replications.Confidence);

    /// <summary>The seed of a replication, from 0.</summary>
    public static long SeedOf(LoadedScenario scenario, int replication) =>
        unchecked(scenario.Scenario.Seed + replication);

    /// <summary>The estimate of this figure less that of another run with the same seeds, pair by pair.</summary>
    public Estimate? DifferenceTo(ReplicatedRun other, string figure)
    {
        Check.That(
            Scenario.Scenario.Seed == other.Scenario.Scenario.Seed, "pairs of replications have the same seed");
        return Estimate.Of(
            Runs.Zip(other.Runs, (mine, others) => mine[figure] - others[figure]),
            Scenario.Scenario.Replications.Confidence);
    }
}
