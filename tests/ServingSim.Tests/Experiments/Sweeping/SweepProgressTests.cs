using System.Collections.Immutable;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Sweeping;
using Xunit;

namespace ServingSim.Tests.Experiments.Sweeping;

public sealed class SweepProgressTests
{
    [Fact]
    public void The_points_that_changed_last_are_told_in_order_with_their_runs()
    {
        PlannedPoint point = new(ImmutableDictionary<string, string>.Empty, 0.95, 1, ["a", "b"]);
        SweepPlan plan = new(
            1, "s", "1", "s.yaml", "q", ImmutableDictionary<string, string>.Empty, ["x"], [], TableFormat.Csv,
            [point, point, point]);
        SweepProgress progress = new(plan, 6);
        foreach ((int number, double value) in new[] { (0, 1.0), (2, 5), (1, 7), (2, 6) })
        {
            RunFigures figures = RunFigures.Of([KeyValuePair.Create("x", (double?)value)]);
            progress.Add(number, new UnitResult("1", "u", 1, false, figures));
        }

        Assert.Equal((4, 6), (progress.Done, progress.Total));
        Assert.Equal([2, 3], progress.Latest(2).Points.Select(p => p.Number));
        Assert.Equal([7.0, 5.5], progress.Latest(2).Points.Select(p => p.Of("x")!.Value.Mean));
    }
}
