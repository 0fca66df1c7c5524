using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>burstgpt-perf-trace</c>, BurstGPT-Perf's RPS scaling (HPMLL/BurstGPT, example).</summary>
/// <param name="Path">A BurstGPT CSV file.</param>
/// <param name="PromptNum">Rows to load; as there, whole chunks of 20.</param>
/// <param name="Scale">What divides the timestamps: 100 is 100 times as fast. The scripts have 1.2344107085.</param>
/// <param name="MaxTokens">Longer prompts and outputs are cut to it.</param>
public sealed record PerfTraceOptions(FilePath Path, int PromptNum = 500, double Scale = 1, int MaxTokens = 1023)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (PromptNum < 1)
        {
            yield return (nameof(PromptNum), $"found {PromptNum}, expected at least 1");
        }

        if (!(Scale is >= 1e-6 and <= 1e6))
        {
            yield return (nameof(Scale), $"found {Scale}, expected a number from 1e-6 to 1e6");
        }

        if (MaxTokens < 1)
        {
            yield return (nameof(MaxTokens), $"found {MaxTokens}, expected at least 1");
        }
    }
}

/// <summary>
/// BurstGPT-Perf's RPS scaling: the first rows of a file, whatever their service, each at its timestamp divided by the
/// scale. As there, rows of one second come together, lengths are cut, and rows that failed are not left out: they
/// become the shortest of requests. Time 0 is the trace's, not the first row's.
/// </summary>
public sealed class PerfTraceWorkload : IWorkload
{
    private const int Chunk = 20;

    private readonly PerfTraceOptions _options;
    private readonly WorkloadLimits _limits;
    private readonly OutputPredictor? _predictor;
    private readonly BurstGptTrace _trace;
    private readonly RowLabels _labels;
    private readonly long _rows;
    private (BurstGptRow Row, SimTime Arrival)? _next;
    private SimTime _last;
    private long _read;
    private long _overLimit;
    private long _given;

    private PerfTraceWorkload(PerfTraceOptions options, WorkloadContext context)
    {
        (_options, _limits, _predictor) = (options, context.Limits, context.Predictor());
        _labels = new RowLabels(context.Labels);
        _rows = (options.PromptNum + Chunk - 1L) / Chunk * Chunk;
        _trace = BurstGptTrace.Open(options.Path);
        try
        {
            FindNext();
            if (_read == 0)
            {
                throw TraceException.NoRow(_trace.File);
            }
        }
        catch
        {
            _trace.Dispose();
            throw;
        }
    }

    /// <summary>The workload of a scenario whose source is BurstGPT-Perf's RPS scaling.</summary>
    public static IWorkload Of(PerfTraceOptions options, WorkloadContext context) =>
        new PerfTraceWorkload(options, context);

    /// <inheritdoc/>
    public SimTime? NextArrival => _next?.Arrival;

    /// <inheritdoc/>
    public TraceCounts TraceCounts => new(_overLimit + _given, 0, 0, 0, 0, _overLimit, _given);

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        (BurstGptRow row, SimTime arrival) = _next ?? throw new InvariantException($"a row after the last, {_given}");
        int output = Math.Clamp(row.OutputTokens, 1, _options.MaxTokens);
        ClientRequest request = new(
            _given, arrival, PromptContent.OwnOf(_given, Math.Clamp(row.PromptTokens, 1, _options.MaxTokens)),
            OutputLength.Of(output), _labels.Of(new RowNames(row.Model, row.LogType)))
        {
            PredictedOutputTokens = _predictor?.Predict(output, _given),
        };
        _given++;
        FindNext();
        return request;
    }

    /// <summary>Does nothing: a trace does not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _trace.Dispose();

    private void FindNext()
    {
        _next = null;
        if (_read == _rows || !_trace.TryRead(out BurstGptRow row))
        {
            return;
        }

        _read++;
        if (row.Recorded < _last)
        {
            throw new TraceException(
                _trace.File, row.Line, $"is at {row.Recorded} after {_last}; expected rows in order of time");
        }

        _last = row.Recorded;
        SimTime arrival = SimTime.FromSeconds(row.Recorded.TotalSeconds / _options.Scale);
        if (_limits.Allow(_given, arrival))
        {
            _next = (row, arrival);
            return;
        }

        _overLimit++;
    }
}
