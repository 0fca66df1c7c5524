using System.Globalization;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Replicating;

/// <summary>Runs a scenario as often as it asks for, each time with another seed.</summary>
public sealed class Replications
{
    private readonly LoadedScenario _scenario;
    private readonly ParallelRuns _parallel;
    private readonly Func<int, Replication> _replication;
    private readonly List<Replication> _done = [];
    private readonly List<string> _notes = [];

    private Replications(LoadedScenario scenario, ParallelRuns parallel, Func<int, Replication> replication) =>
        (_scenario, _parallel, _replication) = (scenario, parallel, replication);

    /// <summary>Runs the replications; throws what is wrong with the scenario, a figure's name included.</summary>
    /// <param name="warm">What to run.</param>
    /// <param name="parallel">How many run at a time, and when to stop early.</param>
    /// <param name="first">Replication 0, if it has been run as the scenario says.</param>
    /// <param name="progress">Hears of each replication that has ended; from several threads.</param>
    public static ReplicatedRun Run(
        WarmScenario warm, ParallelRuns parallel, RunResult? first = null, Action? progress = null)
    {
        Replications replications = new(warm.Scenario, parallel, i =>
        {
            Replication replication = i == 0 && first is not null
                ? Replication.Of(first)
                : RunOne(warm.Scenario, i, parallel.Cancellation);
            progress?.Invoke();
            return replication;
        });
        replications.RunAll();
        return ReplicatedRun.Of(warm.Scenario, replications._done, [.. warm.Notes, .. replications._notes]);
    }

    /// <summary>Runs one replication of a scenario whose warm-up is settled; writes nothing.</summary>
    public static Replication RunOne(LoadedScenario scenario, int number, CancellationToken cancellation) =>
        Replication.Of(RunOf(scenario, number, cancellation));

    private void RunAll()
    {
        Add(_scenario.Scenario.Replications.Count);
        if (_scenario.Scenario.Replications.Until is { } until)
        {
            RunUntil(until);
        }
    }

    /// <summary>
    /// Goes on until the half-width is small enough: as many replications at a time as the present estimate asks for.
    /// </summary>
    private void RunUntil(PrecisionSection until)
    {
        if (RunFigures.ProblemOf(until.Metric, _done.Select(d => d.Figures)) is { } problem)
        {
            throw _scenario.Error("replications.until.metric", problem);
        }

        while (ShareOf(until) is var share && share > until.RelativeHalfWidth)
        {
            if (_done.Count >= until.MaxCount)
            {
                _notes.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"after {_done.Count} replications the half-width of {until.Metric} is {100 * share:0.##} % of "
                    + $"its mean, not {100 * until.RelativeHalfWidth:0.##} %"));
                return;
            }

            double needed = _done.Count * Math.Pow(share / until.RelativeHalfWidth, 2);
            Add((int)Math.Clamp(Math.Ceiling(needed), _done.Count + 1, until.MaxCount) - _done.Count);
        }
    }

    private double ShareOf(PrecisionSection until) =>
        Estimate.Of(_done.Select(d => d.Figures[until.Metric]), _scenario.Scenario.Replications.Confidence)
            is { HalfWidth: { } half } estimate
            ? half == 0 ? 0 : Math.Abs(half / estimate.Mean)
            : double.PositiveInfinity;

    private void Add(int count)
    {
        int done = _done.Count;
        _done.AddRange(_parallel.Map(count, i => _replication(done + i)));
    }

    /// <summary>Runs a scenario with the seed of a replication; writes nothing.</summary>
    internal static RunResult RunOf(
        LoadedScenario scenario, int number, CancellationToken cancellation, Action<RequestRecord>? request = null) =>
        ScenarioRunner.Run(
            scenario.With(s => s with { Seed = ReplicatedRun.SeedOf(scenario, number) }),
            new RunOptions(null) { Cancellation = cancellation, Ended = request });
}
