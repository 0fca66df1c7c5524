using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>closed-loop</c>.</summary>
/// <param name="Concurrency">Clients; each has at most one request unanswered.</param>
/// <param name="ThinkTime">From the end of a client's request to its next: always, or on average.</param>
/// <param name="ThinkTimes">How think times are distributed.</param>
/// <param name="RampUp">Over which the clients' first requests are spread evenly, the first at 0.</param>
public sealed record ClosedLoopOptions(
    int Concurrency, SimTime ThinkTime = default, ThinkTimes ThinkTimes = ThinkTimes.Constant, SimTime RampUp = default)
    : IValidated
{
    private const int MostClients = 1_000_000;

    // An exponential draw is at most 37 means, which leaves the clock its greater part
    private static readonly SimTime LongestThinkTime = SimTime.FromSeconds(10 * 86_400);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Concurrency is < 1 or > MostClients)
        {
            yield return (nameof(Concurrency), $"found {Concurrency}, expected a whole number from 1 to {MostClients}");
        }

        if (ThinkTime < SimTime.Zero || ThinkTime > LongestThinkTime)
        {
            yield return (nameof(ThinkTime), $"found {ThinkTime}, expected at most 10d");
        }

        if (RampUp < SimTime.Zero)
        {
            yield return (nameof(RampUp), $"found {RampUp}, expected 0 or more");
        }
    }
}

/// <summary>How the think times of clients are distributed.</summary>
public enum ThinkTimes
{
    /// <summary>All the same.</summary>
    Constant,

    /// <summary>Exponential, independent of one another.</summary>
    Exponential,
}

/// <summary>
/// A fixed number of clients, each of which sends a request, waits for its end whatever it is, thinks, and sends the
/// next: load generators with a concurrency limit. Draws are keyed by client and turn, so that what one client asks
/// does not depend on how fast others are served. No two prompts share a prefix.
/// </summary>
public sealed class ClosedLoopWorkload : IWorkload
{
    // A refusal takes no time: without a pause, a client that never thinks would stop the clock
    private static readonly SimTime PauseAfterRefusal = SimTime.FromSeconds(1);

    private readonly ClosedLoopOptions _options;
    private readonly IJointLengths _lengths;
    private readonly Labels _labels;
    private readonly WorkloadLimits _limits;
    private readonly OutputPredictor? _predictor;
    private readonly RandomStream _promptLengths;
    private readonly RandomStream _outputLengths;
    private readonly RandomStream _thinkTimes;
    private readonly PriorityQueue<int, (SimTime At, int Client)> _ready = new();
    private readonly Dictionary<long, int> _clientOf = [];
    private readonly long[] _turns;
    private long _taken;

    /// <summary>A workload whose requests all carry <paramref name="labels"/>.</summary>
    public ClosedLoopWorkload(
        ClosedLoopOptions options, IJointLengths lengths, Labels labels, RandomStreams streams, WorkloadLimits limits,
        OutputPredictor? predictor = null)
    {
        (_options, _lengths, _labels, _limits, _predictor) = (options, lengths, labels, limits, predictor);
        _promptLengths = streams.Stream("prompt-lengths");
        _outputLengths = streams.Stream("output-lengths");
        _thinkTimes = streams.Stream("think-times");
        _turns = new long[options.Concurrency];
        for (int client = 0; client < options.Concurrency; client++)
        {
            SimTime start = new((long)((Int128)options.RampUp.Ticks * client / options.Concurrency));
            _ready.Enqueue(client, (start, client));
        }
    }

    /// <summary>The workload of a scenario whose source is closed-loop.</summary>
    public static IWorkload Of(ClosedLoopOptions options, WorkloadContext context)
    {
        context.RequireEnd();
        return new ClosedLoopWorkload(
            options, context.Lengths(), context.Labels, context.Streams, context.Limits, context.Predictor());
    }

    /// <inheritdoc/>
    public SimTime? NextArrival => _ready.TryPeek(out _, out (SimTime At, int) first) && _limits.Allow(_taken, first.At)
        ? first.At
        : null;

    /// <inheritdoc/>
    public TraceCounts? TraceCounts => null;

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        SimTime arrival = NextArrival ?? throw new InvariantException($"a request taken after the last, {_taken}");
        int client = _ready.Dequeue();
        Draws prompt = _promptLengths.At(client, _turns[client]);
        Draws output = _outputLengths.At(client, _turns[client]);
        RequestLengths lengths = _lengths.Draw(ref prompt, ref output);
        ClientRequest request = new(
            _taken, arrival, PromptContent.OwnOf(_taken, lengths.PromptTokens),
            OutputLength.Of(lengths.OutputTokens), _labels)
        {
            PredictedOutputTokens = _predictor?.Predict(lengths.OutputTokens, client, _turns[client]),
        };
        _clientOf.Add(_taken, client);
        _taken++;
        return request;
    }

    /// <summary>Lets the request's client think, and then send its next.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
        Check.That(_clientOf.Remove(request.Id, out int client), $"request {request.Id} ended twice");
        SimTime next = at + ThinkTime(client);
        if (next == request.Arrival)
        {
            next += PauseAfterRefusal;
        }

        _turns[client]++;
        _ready.Enqueue(client, (next, client));
    }

    /// <summary>Does nothing: nothing is held.</summary>
    public void Dispose()
    {
    }

    private SimTime ThinkTime(int client)
    {
        if (_options.ThinkTimes == ThinkTimes.Constant)
        {
            return _options.ThinkTime;
        }

        Draws draws = _thinkTimes.At(client, _turns[client]);
        return SimTime.FromSeconds(_options.ThinkTime.TotalSeconds * draws.NextExponential());
    }
}
