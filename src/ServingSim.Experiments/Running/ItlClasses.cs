using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Running;

/// <summary>
/// Which class a request's inter-token latencies are counted in: one for each pool and values of the reported labels,
/// and one for the warm-up, which is thrown away.
/// </summary>
internal sealed class ItlClasses
{
    private static readonly ItlClass Warmup = new(0);
    private readonly LoadedScenario _loaded;
    private readonly SummaryBuilder _summary;
    private readonly Memo<(Pool Pool, Labels Labels), ItlClass> _classes;
    private readonly Dictionary<string, ItlClass> _classOf = new(StringComparer.Ordinal);
    private readonly List<LatencyHistogram> _histograms = [new LatencyHistogram()];

    internal ItlClasses(LoadedScenario loaded, SummaryBuilder summary)
    {
        (_loaded, _summary) = (loaded, summary);
        _classes = new(of => ClassOf(of.Pool, of.Labels));
    }

    internal ItlClass Of(ClientRequest request, Pool pool) =>
        request.Arrival < _loaded.Scenario.Warmup ? Warmup : _classes.Of((pool, request.Labels));

    internal void Record(ItlClass itlClass, int count, in StepTimes steps) =>
        _histograms[itlClass.Index].Record(steps.First, steps.DifferenceTicks, steps.Count, count);

    private ItlClass ClassOf(Pool pool, Labels labels)
    {
        IEnumerable<string> values = _loaded.Scenario.ReportBy.Select(name => labels[name] ?? Summary.None);
        string key = string.Join(';', values.Prepend(pool.Name));
        if (!_classOf.TryGetValue(key, out ItlClass known))
        {
            known = new ItlClass((byte)_histograms.Count);
            if (_histograms.Count == ItlClass.Limit)
            {
                throw new ScenarioException([new ScenarioError(
                    _loaded.File,
                    "report_by",
                    $"the requests have more than {ItlClass.Limit - 1} different values of these labels and pools, "
                    + $"expected at most {ItlClass.Limit - 1}")]);
            }

            _histograms.Add(_summary.ItlOf(pool.Name, labels.ToString()));
            _classOf.Add(key, known);
        }

        return known;
    }
}
