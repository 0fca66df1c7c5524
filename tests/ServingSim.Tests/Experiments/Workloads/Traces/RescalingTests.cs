using ServingSim.Cluster;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>A real week replayed ten times as fast, and its ties spread: what may change and what may not.</summary>
public sealed class RescalingTests
{
    private const string Week = "burstgpt/BurstGPT_first7days.csv";
    private const int Scale = 10;
    private static readonly SimTime Window = SimTime.FromSeconds(20 * 60);

    [SharedDataFact(Week)]
    public void Rescaling_keeps_the_burstiness_of_every_window()
    {
        SimTime[] unscaled = Arrivals(new(Trace, SimTime.Zero));
        SimTime[] scaled = Arrivals(new(Trace, SimTime.Zero, TimeScale: Scale));

        // The same instants of the same rows, so that a window has the same rows in both
        Assert.Equal(unscaled.Select(a => (long)Math.Round(a.Ticks / (decimal)Scale)), scaled.Select(a => a.Ticks));
        Assert.Equal(
            unscaled.Select(a => a.Ticks / Window.Ticks), scaled.Select(a => a.Ticks / (Window.Ticks / Scale)));
        int windows = 0;
        foreach (var window in unscaled.Zip(scaled).GroupBy(a => a.First.Ticks / Window.Ticks)
            .Where(w => w.Count() >= 3))
        {
            double expected = Variation([.. window.Select(a => a.First)]);
            double actual = Variation([.. window.Select(a => a.Second)]);
            Assert.InRange(actual, expected * (1 - 1e-9), expected * (1 + 1e-9));
            windows++;
        }

        // Of the week's 504: at night there are windows without two gaps
        Assert.Equal(419, windows);
    }

    [SharedDataFact(Week)]
    public void Spreading_ties_changes_no_count_of_a_second_or_a_day()
    {
        SimTime[] arrivals = Arrivals(new(Trace, SimTime.Zero));
        long[] seconds = SecondsOfSuccessfulRows();
        Assert.Equal(17_893, seconds.Length);
        Assert.Equal(seconds, arrivals.Select(a => a.Ticks / SimTime.TicksPerSecond));
        Assert.Equal(
            seconds.CountBy(s => s / 86_400), arrivals.CountBy(a => a.Ticks / SimTime.TicksPerSecond / 86_400));
        Assert.Equal(arrivals.Order(), arrivals);

        // They are spread: no two of the ties arrive at once
        Assert.True(seconds.Distinct().Count() < seconds.Length - 400);
        Assert.Equal(arrivals.Length, arrivals.Distinct().Count());
    }

    private static FilePath Trace => new(SharedData.Find(Week)!, Week);

    private static SimTime[] Arrivals(BurstGptOptions options)
    {
        using TraceWorkload workload = new(options, Labels.None, new RandomStreams(1), default);
        return [.. workload.TakeAll().Select(r => r.Arrival)];
    }

    private static long[] SecondsOfSuccessfulRows()
    {
        using BurstGptTrace trace = BurstGptTrace.Open(Trace);
        List<long> seconds = [];
        while (trace.TryRead(out BurstGptRow row))
        {
            if (row.OutputTokens > 0)
            {
                seconds.Add(row.Second);
            }
        }

        return [.. seconds];
    }

    /// <summary>The coefficient of variation of the gaps; sums are exact.</summary>
    private static double Variation(SimTime[] arrivals)
    {
        decimal[] gaps = [.. arrivals.Zip(arrivals.Skip(1), (a, b) => (b - a).Ticks / (decimal)SimTime.TicksPerSecond)];
        decimal mean = gaps.Average();
        return Math.Sqrt((double)gaps.Average(g => (g - mean) * (g - mean))) / (double)mean;
    }
}
