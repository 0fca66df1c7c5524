using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// Runs fleets under loads, and remembers every replication, so that none is made twice. All have the same seeds.
/// </summary>
/// <param name="goals">What they have to reach.</param>
/// <param name="replications">Replications of each that could reach it.</param>
/// <param name="parallel">How many run at a time.</param>
/// <param name="progress">Hears of each run that has ended; from several threads.</param>
/// <param name="longestWindow">The longest window in which to see what replicas are busy with; the scenario's own
/// without it.</param>
public sealed class Trials(
    AttainmentGoals goals, int replications, ParallelRuns parallel, Action? progress, SimTime? longestWindow = null)
{
    private readonly Dictionary<TrialKey, List<Trial>> _done = [];

    /// <summary>Replications made so far.</summary>
    public int Runs => _done.Values.Sum(d => d.Count);

    /// <summary>What they have to reach.</summary>
    public AttainmentGoals Goals => goals;

    /// <summary>Replications of each that could reach it.</summary>
    public int Replications => replications;

    /// <summary>What has been run of a fleet; nothing if it has not.</summary>
    public IReadOnlyList<Trial> Of(TrialKey key) => _done.GetValueOrDefault(key) ?? [];

    /// <summary>Whether each of several fleets meets the goals, run no more often than that takes.</summary>
    public IReadOnlyList<bool> Meet(IReadOnlyList<(TrialKey Key, LoadedScenario Scenario)> fleets)
    {
        // One replication of each tells of most that cannot; the others have all of theirs at once
        Run([.. fleets.Where(f => Of(f.Key).Count == 0).Select(f => (f.Key, f.Scenario, 1))]);
        Run([.. fleets.Where(f => goals.Decide(Of(f.Key), replications) is null)
            .Select(f => (f.Key, f.Scenario, replications))]);
        return [.. fleets.Select(f => goals.Decide(Of(f.Key), replications)!.Value)];
    }

    /// <summary>Whether a fleet meets the goals.</summary>
    public bool Meets(TrialKey key, LoadedScenario scenario) => Meet([(key, scenario)])[0];

    /// <summary>Makes all replications of fleets, also of those that cannot meet the goals.</summary>
    public void Complete(IReadOnlyList<(TrialKey Key, LoadedScenario Scenario)> fleets) =>
        Run([.. fleets.Select(f => (f.Key, f.Scenario, replications))]);

    private LoadedScenario WithWindows(LoadedScenario scenario) =>
        longestWindow is { } longest && scenario.Scenario.Outputs.TimeseriesInterval > longest
            ? scenario.With(s => s with { Outputs = s.Outputs with { TimeseriesInterval = longest } })
            : scenario;

    private void Run(IReadOnlyList<(TrialKey Key, LoadedScenario Scenario, int Count)> wanted)
    {
        (TrialKey Key, LoadedScenario Scenario, int Replication)[] runs =
        [
            .. from fleet in wanted.DistinctBy(w => w.Key)
               from replication in Enumerable.Range(0, fleet.Count).Skip(Of(fleet.Key).Count)
               select (fleet.Key, fleet.Scenario, replication),
        ];
        IReadOnlyList<Trial> trials = parallel.Map(runs.Length, i =>
        {
            Trial trial = Trial.Of(
                WithWindows(runs[i].Scenario), runs[i].Replication, parallel.Cancellation);
            progress?.Invoke();
            return trial;
        });
        for (int i = 0; i < runs.Length; i++)
        {
            if (!_done.TryGetValue(runs[i].Key, out List<Trial>? done))
            {
                _done.Add(runs[i].Key, done = []);
            }

            done.Add(trials[i]);
        }
    }
}

/// <summary>What is run.</summary>
/// <param name="Candidate">Which candidate, from 0.</param>
/// <param name="Replicas">How many replicas.</param>
/// <param name="Load">How the load is changed, as in "load x 1.2"; empty as it is.</param>
public readonly record struct TrialKey(int Candidate, int Replicas, string Load);
