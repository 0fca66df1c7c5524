using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Rows that a program holds, replayed in the place of a scenario's workload.</summary>
internal sealed class RowsWorkload : IWorkload
{
    private readonly IReadOnlyList<RequestRow> _rows;
    private readonly Memo<string, Labels> _labels = new(
        service => new Labels(service.Length == 0 ? [] : [new("service", service)]));

    private readonly OutputPredictor? _predictor;
    private int _next;

    private RowsWorkload(IReadOnlyList<RequestRow> rows, OutputPredictor? predictor) =>
        (_rows, _predictor) = (rows, predictor);

    /// <inheritdoc/>
    public SimTime? NextArrival => _next < _rows.Count ? SimTime.FromSeconds(_rows[_next].AtS) : null;

    /// <inheritdoc/>
    public TraceCounts? TraceCounts => null;

    /// <summary>A scenario with its cluster and clients as they are, and these rows as its workload.</summary>
    /// <param name="scenario">The scenario; only what predicts outputs is kept of its workload.</param>
    /// <param name="rows">In order of time; each has a prompt and an output.</param>
    internal static LoadedScenario Replay(LoadedScenario scenario, IReadOnlyList<RequestRow> rows) => scenario.With(
        s => s with
        {
            Workload = new WorkloadSection(
                new PartChoice<IWorkload, WorkloadContext>(
                    "rows", null, context => new RowsWorkload(rows, context.Predictor())),
                new Dictionary<string, string>(),
                Prediction: s.Workload.Prediction),
            Duration = null,
            Requests = null,
        });

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        RequestRow row = _rows[_next];
        ClientRequest request = new(
            _next, SimTime.FromSeconds(row.AtS), PromptContent.OwnOf(_next, row.PromptTokens),
            OutputLength.Of(row.OutputTokens), _labels.Of(row.Service))
        {
            PredictedOutputTokens = _predictor?.Predict(row.OutputTokens, _next),
        };
        _next++;
        return request;
    }

    /// <summary>Does nothing: rows do not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <summary>Does nothing: nothing is held.</summary>
    public void Dispose()
    {
    }
}
