using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Replays the rows of a trace, read as they are needed. Every request carries its row's labels, unless the scenario
/// sets a label of that name. Rows that failed in the trace are counted and never replayed; rows out of order of time
/// end the reading with a <see cref="TraceException"/>.
/// </summary>
public sealed class TraceWorkload : IWorkload
{
    private readonly TraceWindow _window;
    private readonly WorkloadLimits _limits;
    private readonly ITraceRows _rows;
    private readonly OutputPredictor? _predictor;
    private readonly RowLabels _labels;
    private readonly Action<SimTime, Labels>? _tellFailed;
    private SimTime? _origin;
    private SimTime _last;
    private (TraceRow Row, SimTime Arrival)? _next;
    private long _outsideWindow;
    private long _filteredOut;
    private long _failed;
    private long _failedWithoutSize;
    private long _overLimit;
    private long _given;

    /// <summary>Opens the file and reads on to the first request; the file must give at least one.</summary>
    internal TraceWorkload(
        ITraceOptions options, Labels labels, RandomStreams streams, WorkloadLimits limits,
        OutputPredictor? predictor = null, Action<SimTime, Labels>? failed = null)
    {
        (_window, _limits, _predictor, _tellFailed) = (options.Window, limits, predictor, failed);
        _origin = _window.From;
        _labels = new RowLabels(labels);
        _rows = options.Open(streams);
        try
        {
            _next = FindNext() ?? throw NoRequest();
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SimTime? NextArrival => _next?.Arrival;

    /// <inheritdoc/>
    public TraceCounts TraceCounts => new(
        _outsideWindow + _filteredOut + _failed + _overLimit + _given,
        _outsideWindow, _filteredOut, _failed, _failedWithoutSize, _overLimit, _given);

    /// <summary>The workload of a scenario whose source is a trace.</summary>
    internal static IWorkload Of(ITraceOptions options, WorkloadContext context) =>
        new TraceWorkload(
            options, context.Labels, context.Streams, context.Limits, context.Predictor(), context.Failed);

    /// <summary>Throws <see cref="TraceException"/> where a row is earlier than the one before it.</summary>
    internal static void CheckOrder(string file, in TraceRow row, SimTime before)
    {
        if (row.Recorded < before)
        {
            throw new TraceException(
                file, row.Line, $"is at {row.Recorded} after {before}; expected rows in order of time");
        }
    }

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        (TraceRow row, SimTime arrival) =
            _next ?? throw new InvariantException($"a row taken after the last, {_given}");
        ClientRequest request = new(
            _given, arrival, row.PromptOf(_given), OutputLength.Of(row.OutputTokens), _labels.Of(row.Names))
        {
            Priority = row.Priority,
            PredictedOutputTokens = _predictor?.Predict(row.OutputTokens, _given),
        };
        _given++;
        _next = FindNext();
        return request;
    }

    /// <summary>Does nothing: a trace does not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _rows.Dispose();

    /// <summary>The next row that becomes a request, with its arrival; counts those it passes.</summary>
    private (TraceRow Row, SimTime Arrival)? FindNext()
    {
        while (_rows.TryRead(out TraceRow row))
        {
            CheckOrder(_rows.File, row, _last);
            _last = row.Recorded;
            if (row.Recorded >= _window.To)
            {
                _outsideWindow++;
                return null;
            }

            SimTime origin = _origin ??= row.Recorded;
            if (row.Recorded < origin)
            {
                _outsideWindow++;
                continue;
            }

            if (row.IsFilteredOut)
            {
                _filteredOut++;
                continue;
            }

            SimTime arrival = Scaled(row.Recorded + row.Spread - origin, row.Line);
            if (!_limits.Allow(_given, arrival))
            {
                _overLimit++;
                return null;
            }

            if (!row.Failed)
            {
                return (row, arrival);
            }

            _tellFailed?.Invoke(arrival, _labels.Of(row.Names));
            _failed++;
            _failedWithoutSize += row.FailedWithoutSize ? 1 : 0;
        }

        return null;
    }

    // In decimals, because a double cannot hold every tick of a long trace
    private SimTime Scaled(SimTime time, long line)
    {
        if (_window.TimeScale == 1)
        {
            return time;
        }

        decimal ticks = Math.Round(time.Ticks / (decimal)_window.TimeScale);
        return ticks <= SimTime.Max.Ticks
            ? new SimTime((long)ticks)
            : throw new TraceException(
                _rows.File, line, $"arrives beyond the simulation's clock with time_scale {_window.TimeScale}");
    }

    private TraceException NoRequest() => TraceCounts.RowsRead == 0
        ? TraceException.NoRow(_rows.File)
        : new TraceException(
            _rows.File, null,
            $"no row becomes a request: of {TraceCounts.RowsRead} read, {_outsideWindow} outside the window, "
            + $"{_filteredOut} filtered out, {_failed} failed, {_overLimit} over the limit");
}
