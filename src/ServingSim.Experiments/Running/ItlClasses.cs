using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Running;

/// <summary>
/// Which class a request's inter-token latencies are counted in: one for each pool and values of the reported labels,
/// and one for the warm-up, which is thrown away.
/// </summary>
internal sealed class ItlClasses(LoadedScenario loaded, SummaryBuilder summary)
{
    private static readonly ItlClass Warmup = new(0);
    private readonly Dictionary<string, ItlClass> _classOf = new(StringComparer.Ordinal);
    private readonly List<LatencyHistogram> _histograms = [new LatencyHistogram()];

    internal ItlClass Of(ClientRequest request, Pool pool)
    {
        if (request.Arrival < loaded.Scenario.Warmup)
        {
            return Warmup;
        }

        string key = string.Join(';', loaded.Scenario.ReportBy.Select(name => request.Labels[name]).Prepend(pool.Name));
        if (!_classOf.TryGetValue(key, out ItlClass known))
        {
            known = new ItlClass((byte)_histograms.Count);
            if (_histograms.Count == ItlClass.Limit)
            {
                throw new ScenarioException([new ScenarioError(
                    loaded.File,
                    "report_by",
                    $"the requests have more than {ItlClass.Limit - 1} different values of these labels and pools, "
                    + $"expected at most {ItlClass.Limit - 1}")]);
            }

            _histograms.Add(summary.ItlOf(pool.Name, request.Labels.ToString()));
            _classOf.Add(key, known);
        }

        return known;
    }

    internal void Record(ItlClass itlClass, int count, in StepTimes steps) =>
        _histograms[itlClass.Index].Record(steps.First, steps.DifferenceTicks, steps.Count, count);
}
