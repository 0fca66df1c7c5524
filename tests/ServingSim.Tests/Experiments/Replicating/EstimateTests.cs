using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class EstimateTests
{
    /// <summary>Student's t for two degrees of freedom is 4.3027 at 95 %; the deviation of 1, 2, 3 is 1.</summary>
    [Fact]
    public void Three_values_have_the_interval_of_the_table()
    {
        Estimate estimate = Estimate.Of([1, 2, 3], 0.95)!.Value;
        Assert.Equal((3, 2.0), (estimate.Runs, estimate.Mean));
        Assert.Equal(4.302653 / Math.Sqrt(3), estimate.HalfWidth!.Value, 5);
        Assert.Equal(2 - (4.302653 / Math.Sqrt(3)), estimate.Low!.Value, 5);
        Assert.False(estimate.IsBeyondNoise);
        Assert.True(Estimate.Of([11, 12, 13], 0.95)!.Value.IsBeyondNoise);
        Assert.True(Estimate.Of([-11, -12, -13], 0.95)!.Value.IsBeyondNoise);
    }

    [Fact]
    public void One_value_has_no_interval_and_no_value_no_estimate()
    {
        Assert.Equal(new Estimate(1, 7, null), Estimate.Of([7, null], 0.95));
        Assert.False(Estimate.Of([7], 0.95)!.Value.IsBeyondNoise);
        Assert.Null(Estimate.Of([null, null], 0.95));
    }

    /// <summary>Pollaczek and Khinchine: a mean wait of ρ/2(1 − ρ) services.</summary>
    [Fact]
    public void Intervals_of_M_D_1_hold_the_true_mean_as_often_as_they_say()
    {
        const double Load = 0.4;
        double expectedMs = 100 * (1 + (Load / (2 * (1 - Load))));
        AssertCovered(Sample.ConstantService(Load, 400, "warmup=3s"), expectedMs);
    }

    [Fact]
    public void Intervals_of_M_M_1_hold_the_true_mean_as_often_as_they_say()
    {
        const double Load = 0.3;

        // E[S²] of a geometric length with p = 1/1000 is (2 − p)/p²
        double meanS = 0.1;
        double secondMoment = (2 - 0.001) * meanS * meanS;
        double expectedMs = 1000 * (meanS + (Load / meanS * secondMoment / (2 * (1 - Load))));
        AssertCovered(Sample.ExponentialService(Load, 500, "warmup=5s"), expectedMs);
    }

    private static void AssertCovered(LoadedScenario scenario, double expectedMs)
    {
        const int Experiments = 1000;
        const int Runs = 10;
        ParallelRuns parallel = new(Environment.ProcessorCount, default);
        IReadOnlyList<double?> means = parallel.Map(
            Experiments * Runs, i => Replications.RunOne(scenario, i, default).Figures["mean_ttft_ms"]);
        int covered = means.Chunk(Runs).Count(values =>
            Estimate.Of(values, 0.95) is { Low: { } low, High: { } high } && low <= expectedMs && expectedMs <= high);
        Assert.InRange(covered, 930, 970);
    }
}
