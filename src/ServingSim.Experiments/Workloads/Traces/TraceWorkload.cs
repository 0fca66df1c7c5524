using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Replays the rows of a BurstGPT file, read as they are needed, one second ahead. Every request carries its row's
/// <c>model</c> and <c>log_type</c> as labels, unless the scenario sets a label of that name. Rows that failed in the
/// trace are counted and never replayed; rows out of order of time end the reading with a <see cref="TraceException"/>.
/// </summary>
public sealed class TraceWorkload : IWorkload
{
    private readonly BurstGptOptions _options;
    private readonly WorkloadLimits _limits;
    private readonly Labels _scenarioLabels;
    private readonly Dictionary<(string Model, string LogType), Labels> _labels = [];
    private readonly BurstGptTrace _trace;
    private readonly TiedRows _rows;
    private readonly SimTime _origin;
    private TimedRow? _next;
    private long _outsideWindow;
    private long _filteredOut;
    private long _failed;
    private long _failedWithoutSize;
    private long _overLimit;
    private long _given;

    /// <summary>Opens the file and reads on to the first request; the file must give at least one.</summary>
    public TraceWorkload(BurstGptOptions options, Labels labels, RandomStreams streams, WorkloadLimits limits)
    {
        (_options, _scenarioLabels, _limits) = (options, labels, limits);
        _trace = BurstGptTrace.Open(options.Path);
        try
        {
            _rows = new TiedRows(_trace, options.SpreadTies ? streams.Stream("trace-ties") : null);
            _origin = options.From ?? _rows.FirstSecond;
            _next = FindNext() ?? throw NoRequest();
        }
        catch
        {
            _trace.Dispose();
            throw;
        }
    }

    /// <summary>The workload of a scenario whose source is a trace.</summary>
    public static IWorkload Of(BurstGptOptions options, WorkloadContext context) =>
        new TraceWorkload(options, context.Labels, context.Streams, context.Limits);

    /// <inheritdoc/>
    public SimTime? NextArrival => _next?.At;

    /// <inheritdoc/>
    public TraceCounts TraceCounts => new(
        _outsideWindow + _filteredOut + _failed + _overLimit + _given,
        _outsideWindow, _filteredOut, _failed, _failedWithoutSize, _overLimit, _given);

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        (BurstGptRow row, SimTime arrival) =
            _next ?? throw new InvariantException($"a row taken after the last, {_given}");
        ClientRequest request = new(
            _given, arrival, PromptContent.OwnOf(_given, row.PromptTokens), OutputLength.Of(row.OutputTokens),
            LabelsOf(row));
        _given++;
        _next = FindNext();
        return request;
    }

    /// <summary>Does nothing: a trace does not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at)
    {
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _trace.Dispose();

    /// <summary>The next row that becomes a request, with its arrival; counts those it passes.</summary>
    private TimedRow? FindNext()
    {
        while (_rows.TryRead(out TimedRow read))
        {
            BurstGptRow row = read.Row;
            SimTime second = new(row.Second * SimTime.TicksPerSecond);
            if (second >= _options.To)
            {
                _outsideWindow++;
                return null;
            }

            if (second < _origin)
            {
                _outsideWindow++;
                continue;
            }

            if (!_options.Selects(row))
            {
                _filteredOut++;
                continue;
            }

            SimTime arrival = Scaled(read.At - _origin, row.Line);
            if (!_limits.Allow(_given, arrival))
            {
                _overLimit++;
                return null;
            }

            if (!row.Failed)
            {
                return new TimedRow(row, arrival);
            }

            _failed++;
            _failedWithoutSize += row.FailedWithoutSize ? 1 : 0;
        }

        return null;
    }

    // In decimals, because a double cannot hold every tick of a long trace
    private SimTime Scaled(SimTime time, long line)
    {
        decimal ticks = Math.Round(time.Ticks / (decimal)_options.TimeScale);
        return ticks <= SimTime.Max.Ticks
            ? new SimTime((long)ticks)
            : throw new TraceException(
                _trace.File, line, $"arrives beyond the simulation's clock with time_scale {_options.TimeScale}");
    }

    private TraceException NoRequest() => new(
        _trace.File, null,
        $"no row becomes a request: of {TraceCounts.RowsRead} read, {_outsideWindow} outside the window, "
        + $"{_filteredOut} of other models or log types, {_failed} failed, {_overLimit} over the limit");

    private Labels LabelsOf(in BurstGptRow row)
    {
        if (!_labels.TryGetValue((row.Model, row.LogType), out Labels? labels))
        {
            Dictionary<string, string> values = new() { ["model"] = row.Model, ["log_type"] = row.LogType };
            foreach ((string name, string value) in _scenarioLabels.Values)
            {
                values[name] = value;
            }

            labels = new Labels(values);
            _labels.Add((row.Model, row.LogType), labels);
        }

        return labels;
    }
}
