using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Sweeping;

/// <summary>All results of a sweep.</summary>
/// <param name="Plan">What was computed.</param>
/// <param name="Points">The results of its points, in order.</param>
public sealed record SweepResult(SweepPlan Plan, IReadOnlyList<SweepPoint> Points)
{
    private const int MostNamed = 10;

    /// <summary>The names of all figures that occurred, in order of appearance.</summary>
    public IReadOnlyList<string> Figures { get; } =
        [.. Points.SelectMany(p => p.Units).SelectMany(u => u.Figures.Names).Distinct()];

    /// <summary>Gathers the results of a plan; throws <see cref="ScenarioException"/> if some are missing.</summary>
    public static SweepResult Gather(SweepPlan plan, UnitStore store)
    {
        Dictionary<string, UnitResult?> units = plan.Units.ToDictionary(u => u.Id, u => store.Read(u.Id));
        PlannedUnit[] missing = [.. plan.Units.Where(u => units[u.Id] is null)];
        if (missing.Length > 0)
        {
            throw new ScenarioException(
            [
                new ScenarioError(
                    plan.Name, "",
                    $"{missing.Length} of {units.Count} runs have no result yet, or a damaged one; expected all"),
                .. missing.Take(MostNamed).Select(u => new ScenarioError(
                    "  " + plan.NameOf(u.Point), "", $"replication {u.Replication}, unit {u.Id[..12]}")),
                .. missing.Length > MostNamed ? [new ScenarioError("  ...", "", "and others")]
                    : Array.Empty<ScenarioError>(),
            ]);
        }

        SweepResult result = new(
            plan, [.. plan.Points.Select((p, i) => new SweepPoint(i + 1, p, [.. p.Units.Select(u => units[u]!)]))]);
        foreach (string figure in plan.Figures)
        {
            CheckFigure(plan, figure, [.. units.Values.Select(u => u!.Figures)]);
        }

        return result;
    }

    /// <summary>Throws <see cref="ScenarioException"/> of a figure that none of these runs has.</summary>
    internal static void CheckFigure(SweepPlan plan, string figure, IReadOnlyList<RunFigures> runs)
    {
        if (RunFigures.ProblemOf(figure, runs) is { } problem)
        {
            throw new ScenarioException([new ScenarioError(plan.File, "figures", problem)]);
        }
    }
}

/// <summary>The results of one point.</summary>
/// <param name="Number">Which it is, from 1.</param>
/// <param name="Point">What it set.</param>
/// <param name="Units">Its replications.</param>
public sealed record SweepPoint(int Number, PlannedPoint Point, IReadOnlyList<UnitResult> Units)
{
    /// <summary>In how many replications the queue grew as long as requests arrived.</summary>
    public int GrowingQueues => Units.Count(u => u.QueueGrows);

    /// <summary>The estimate of a figure; null if it was undefined in every replication.</summary>
    public Estimate? Of(string figure) => Estimate.Of(Units.Select(u => u.Figures[figure]), Point.Confidence);
}
