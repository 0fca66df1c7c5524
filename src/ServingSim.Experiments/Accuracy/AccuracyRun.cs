using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Runs cases, each by itself, so that the result does not depend on how many run at a time.</summary>
public static class AccuracyRun
{
    /// <summary>What the cases of a plan give; throws what turns out to be wrong with a scenario or a log.</summary>
    /// <param name="plan">The cases.</param>
    /// <param name="parallel">How many simulations run at a time, and when to stop early.</param>
    /// <param name="progress">Hears of each case that has ended; from several threads.</param>
    public static AccuracyResult Execute(AccuracyPlan plan, ParallelRuns parallel, Action progress) => new(
        plan,
        parallel.Map(plan.Cases.Count, i =>
        {
            CaseResult result = Run(plan.Cases[i], parallel.Cancellation);
            progress();
            return result;
        }));

    private static CaseResult Run(AccuracyCase one, CancellationToken cancellation)
    {
        SortedDictionary<long, ScoredRequest> requests = [];
        RunResult run = ScenarioRunner.Run(one.Scenario, new RunOptions(null)
        {
            Cancellation = cancellation,
            Ended = record =>
            {
                if (one.Requests.TryGetValue(record.ClientId, out MeasuredRequest? measured))
                {
                    requests.Add(record.ClientId, Scored(record, measured));
                }
            },
        });
        RunFigures figures = RunFigures.Of(run.Summary);
        return new CaseResult(
            one, [.. one.Measured.Select(m => new ScoredFigure(m.Key, m.Value, figures[m.Key]))], [.. requests.Values]);
    }

    private static ScoredRequest Scored(in RequestRecord record, MeasuredRequest measured) => new(
        record.ClientId, measured, record.OutputTokens, record.TtftS * 1e3, record.TpotS * 1e3, record.E2eS * 1e3);
}
