using System.Globalization;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Replicating;

/// <summary>A scenario whose warm-up is settled.</summary>
/// <param name="Scenario">The scenario, its warm-up as given or detected.</param>
/// <param name="Notes">How the warm-up was detected; nothing where it was given.</param>
public sealed record WarmScenario(LoadedScenario Scenario, IReadOnlyList<string> Notes)
{
    private const int PilotWindows = 500;

    /// <summary>
    /// Detects the warm-up of a scenario that asks for it: from pilot runs without one, as many as it has replications
    /// and with the same seeds.
    /// </summary>
    public static WarmScenario Of(LoadedScenario scenario, ParallelRuns parallel)
    {
        WarmupRule rule = scenario.Scenario.Replications.Warmup;
        if (rule == WarmupRule.Given)
        {
            return new WarmScenario(scenario, []);
        }

        LoadedScenario pilot = scenario.With(s => s with { Warmup = SimTime.Zero });
        int coarse = InSystem(Replications.RunOf(pilot, 0, parallel.Cancellation)).Length;
        SimTime interval = SimTime.Later(
            new SimTime(scenario.Scenario.Outputs.TimeseriesInterval.Ticks / PilotWindows) * coarse,
            SimTime.FromMilliseconds(1));
        LoadedScenario fine = pilot.With(
            s => s with { Outputs = s.Outputs with { TimeseriesInterval = interval } });
        int count = scenario.Scenario.Replications.Count;
        double[] windows = Replication.MeanOf(
            parallel.Map(count, i => InSystem(Replications.RunOf(fine, i, parallel.Cancellation))));
        string name = rule == WarmupRule.Mser5 ? "MSER-5" : "Welch's method";
        int? leftOut = rule == WarmupRule.Mser5 ? WarmupDetection.Mser5(windows) : WarmupDetection.Welch(windows);
        if (leftOut is not { } found)
        {
            return new WarmScenario(
                pilot, [$"{name} finds no end of the warm-up in the first half of the run: nothing is left out"]);
        }

        SimTime warmup = interval * found;
        string seconds = warmup.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string pilots = count == 1 ? "a pilot run" : $"{count} pilot runs";
        return new WarmScenario(
            scenario.With(s => s with { Warmup = warmup }), [$"warm-up of {seconds} s, by {name} from {pilots}"]);
    }

    private static double[] InSystem(RunResult run) =>
        Replication.Series(run, w => w.RunningMean + w.WaitingMean);
}
