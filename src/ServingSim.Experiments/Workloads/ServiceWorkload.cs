using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>service</c>.</summary>
/// <param name="Failures">Requests that fail, which are told of and never simulated; none by default.</param>
/// <param name="Cycle">Jobs that send the same prompts over and over; none by default.</param>
public sealed record ServiceOptions(FailureOptions? Failures = null, CycleOptions? Cycle = null);

/// <summary>Which requests fail: a chain of two states, so that failures come in clusters.</summary>
/// <param name="Share">Of all requests.</param>
/// <param name="ShareAfterFailure">Of those that follow a failure; as of all without it.</param>
/// <param name="ShareWithSize">Of the failures whose prompt's size is known.</param>
public sealed record FailureOptions(double Share, double? ShareAfterFailure = null, double ShareWithSize = 0)
    : IValidated
{
    private const double Most = 0.99;

    /// <summary>The share of those that follow a success, which makes <see cref="Share"/> the share of all.</summary>
    internal double ShareAfterSuccess => Share * (1 - (ShareAfterFailure ?? Share)) / (1 - Share);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string, double)[] all =
        [
            (nameof(Share), Share), (nameof(ShareAfterFailure), ShareAfterFailure ?? Share),
        ];
        foreach ((string name, double share) in all.Where(s => !(s.Item2 is >= 0 and <= Most)))
        {
            yield return (name, $"found {share}, expected a number from 0 to {Most}");
        }

        if (!(ShareWithSize is >= 0 and <= 1))
        {
            yield return (nameof(ShareWithSize), $"found {ShareWithSize}, expected a number from 0 to 1");
        }

        if (ShareAfterSuccess > 1)
        {
            yield return (
                nameof(ShareAfterFailure), $"found {ShareAfterFailure}, too few for a share of {Share} of all");
        }
    }
}

/// <summary>Jobs as the densest minute of BurstGPT_1 has them: prompts of a few lengths, over and over.</summary>
/// <param name="Prompts">How many different prompts a job has.</param>
/// <param name="Pause">A gap so long or longer begins another job, with other prompts.</param>
public sealed record CycleOptions(int Prompts, SimTime Pause) : IValidated
{
    private const int Most = 1_000_000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Prompts is < 1 or > Most)
        {
            yield return (nameof(Prompts), $"found {Prompts}, expected a whole number from 1 to {Most}");
        }

        if (Pause <= SimTime.Zero)
        {
            yield return (nameof(Pause), $"found {Pause}, expected more than 0s");
        }
    }
}

/// <summary>
/// A service as a trace shows it: requests made up from an arrival process and lengths, some of which fail. Failed ones
/// are counted as those of a trace are, and given only to who writes a trace.
/// </summary>
public sealed class ServiceWorkload : IWorkload
{
    /// <summary>The label of a request that failed; its value tells whether its size is known.</summary>
    internal const string FailedLabel = "failed";

    /// <summary>The value of that label where the prompt's size is known.</summary>
    internal const string KnownSize = "sized";

    private readonly ServiceOptions _options;
    private readonly IArrivals _arrivals;
    private readonly IJointLengths _lengths;
    private readonly Labels _labels;
    private readonly Labels _failedLabels;
    private readonly Labels _failedSizedLabels;
    private readonly WorkloadLimits _limits;

    /// <summary>As far as they do not count, for those that fail.</summary>
    private readonly WorkloadLimits _ends;
    private readonly OutputPredictor? _predictor;
    private readonly bool _givesFailures;
    private readonly Action<SimTime, Labels>? _tellFailed;
    private readonly RandomStream _promptLengths;
    private readonly RandomStream _outputLengths;
    private readonly RandomStream _cycles;
    private readonly RandomStream _failures;
    private long _index = -1;
    private SimTime _last;
    private (long Job, int Position) _cycle;
    private bool _isFailed;
    private bool _isSized;
    private long _failed;
    private long _failedWithoutSize;
    private long _given;

    /// <summary>The workload of a scenario whose source is a service.</summary>
    public ServiceWorkload(ServiceOptions options, WorkloadContext context)
    {
        (_options, _arrivals, _lengths) = (options, context.Arrivals(), context.Lengths());
        (_labels, _limits, _predictor) = (context.Labels, context.Limits, context.Predictor());
        _ends = _limits with { Requests = null };
        (_givesFailures, _tellFailed) = (context.GivesFailures, context.Failed);
        _failedLabels = _labels.With([new(FailedLabel, "unsized")]);
        _failedSizedLabels = _labels.With([new(FailedLabel, KnownSize)]);
        _promptLengths = context.Streams.Stream("prompt-lengths");
        _outputLengths = context.Streams.Stream("output-lengths");
        _cycles = context.Streams.Stream("cycle-lengths");
        _failures = context.Streams.Stream("failures");
        FindNext();
    }

    /// <summary>The workload of a scenario whose source is a service.</summary>
    public static IWorkload Of(ServiceOptions options, WorkloadContext context) =>
        new ServiceWorkload(options, context);

    /// <inheritdoc/>
    public SimTime? NextArrival { get; private set; }

    /// <summary>What failed, and what became client requests; null of a service that never fails.</summary>
    public TraceCounts? TraceCounts => _options.Failures is null
        ? null
        : new TraceCounts(_failed + _given, 0, 0, _failed, _failedWithoutSize, 0, _given);

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        SimTime arrival = NextArrival ?? throw new InvariantException($"a request taken after the last, {_given}");
        Draws prompt = _options.Cycle is null ? _promptLengths.At(_index) : _cycles.At(_cycle.Job, _cycle.Position);
        Draws output = _outputLengths.At(_index);
        RequestLengths lengths = _lengths.Draw(ref prompt, ref output);
        Labels labels = !_isFailed ? _labels : _isSized ? _failedSizedLabels : _failedLabels;
        ClientRequest request = new(
            _given, arrival, PromptContent.OwnOf(_given, lengths.PromptTokens), OutputLength.Of(lengths.OutputTokens),
            labels)
        {
            PredictedOutputTokens = _predictor?.Predict(lengths.OutputTokens, _index),
        };
        _given++;
        FindNext();
        return request;
    }

    /// <summary>Does nothing: arrivals do not wait for outcomes.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <summary>Does nothing: nothing is held.</summary>
    public void Dispose()
    {
    }

    /// <summary>The next arrival that is given; those that fail and are not are counted.</summary>
    private void FindNext()
    {
        do
        {
            _index++;
            SimTime? next = _ends.NextAfter(_last, _index, _arrivals);
            NextArrival = next is { } at && _limits.Allow(_given, at) ? at : null;
            if (NextArrival is not { } arrival)
            {
                return;
            }

            Advance(arrival);
            _last = arrival;
            if (_isFailed && !_givesFailures)
            {
                _tellFailed?.Invoke(arrival, _labels);
            }
        }
        while (_isFailed && !_givesFailures);
    }

    private void Advance(SimTime arrival)
    {
        if (_options.Cycle is { } cycle)
        {
            _cycle = arrival - _last >= cycle.Pause
                ? (_cycle.Job + 1, 0)
                : (_cycle.Job, (_cycle.Position + 1) % cycle.Prompts);
        }

        if (_options.Failures is { } failures)
        {
            Draws draws = _failures.At(_index);
            double share = _index == 0 ? failures.Share
                : _isFailed ? failures.ShareAfterFailure ?? failures.Share
                : failures.ShareAfterSuccess;
            _isFailed = draws.NextUnit() < share;
            _isSized = draws.NextUnit() < failures.ShareWithSize;
            _failed += _isFailed ? 1 : 0;
            _failedWithoutSize += _isFailed && !_isSized ? 1 : 0;
        }
    }
}
