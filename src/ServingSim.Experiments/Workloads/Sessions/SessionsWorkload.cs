using System.Globalization;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>
/// Conversations. Sessions start as the arrivals say; each turn's prompt repeats what was said before, answers
/// included, and adds as many new tokens as the prompt lengths say. A turn starts a gap after the last one's start, as
/// BurstGPT measures gaps, but not before its answer is complete; a session one of whose turns does not complete ends
/// there. Draws are keyed by session and turn. Requests carry their session's number as label <c>session</c>.
/// </summary>
public sealed class SessionsWorkload : IWorkload
{
    /// <summary>The label that names a request's session.</summary>
    internal const string Label = "session";

    // Without a limit, prompts stay countable; no engine takes one so long
    private const int LongestContext = 1 << 30;

    private readonly SessionsOptions _options;
    private readonly IArrivals _arrivals;
    private readonly ILengths _turns;
    private readonly IGaps _gaps;
    private readonly ILengths? _firstPrompts;
    private readonly IJointLengths _lengths;
    private readonly Labels _labels;
    private readonly WorkloadLimits _limits;
    private readonly PrefixGroups? _prefixes;
    private readonly OutputPredictor? _predictor;
    private readonly RandomStream _turnCounts;
    private readonly RandomStream _turnGaps;
    private readonly RandomStream _forgetting;
    private readonly RandomStream _promptLengths;
    private readonly RandomStream _outputLengths;
    private readonly PriorityQueue<Session, (SimTime At, long Session)> _ready = new();
    private readonly Dictionary<long, Session> _open = [];
    private long _sessions;
    private long _taken;

    /// <summary>A workload whose requests all carry <paramref name="labels"/> and the label of their session.</summary>
    public SessionsWorkload(
        SessionsOptions options,
        IArrivals arrivals,
        IJointLengths lengths,
        Labels labels,
        RandomStreams streams,
        WorkloadLimits limits,
        OutputPredictor? predictor = null)
    {
        (_options, _arrivals, _lengths, _labels, _limits) = (options, arrivals, lengths, labels, limits);
        _predictor = predictor;
        _turns = options.Turns.Create(streams);
        _gaps = options.Gaps.Create(streams);
        _firstPrompts = options.FirstPromptTokens?.Create(streams);
        _prefixes = options.PrefixGroups is { } groups ? new PrefixGroups(groups, streams) : null;
        _turnCounts = streams.Stream("turns");
        _turnGaps = streams.Stream("turn-gaps");
        _forgetting = streams.Stream("forgetting");
        _promptLengths = streams.Stream("prompt-lengths");
        _outputLengths = streams.Stream("output-lengths");
        StartSession(SimTime.Zero);
    }

    /// <summary>The workload of a scenario whose source is sessions.</summary>
    public static IWorkload Of(SessionsOptions options, WorkloadContext context) => new SessionsWorkload(
        options, context.Arrivals(), context.Lengths(), context.Labels, context.Streams, context.Limits,
        context.Predictor());

    /// <inheritdoc/>
    public SimTime? NextArrival => _ready.TryPeek(out _, out (SimTime At, long) first)
        && _limits.Allow(_taken, first.At) ? first.At : null;

    /// <inheritdoc/>
    public TraceCounts? TraceCounts => null;

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        SimTime arrival = NextArrival ?? throw new InvariantException($"a request taken after the last, {_taken}");
        Session session = _ready.Dequeue();
        if (session.Turn == 0)
        {
            StartSession(arrival);
        }

        RequestLengths lengths = Lengths(session);
        Forget(session);
        long id = _taken++;
        _open.Add(id, session);
        return new ClientRequest(
            id, arrival, session.Ask(id, lengths.PromptTokens), OutputLength.Of(lengths.OutputTokens), session.Labels)
        {
            PredictedOutputTokens = _predictor?.Predict(lengths.OutputTokens, session.Id, session.Turn),
        };
    }

    /// <summary>Lets the session go on after a gap, if its turn completed and was not its last.</summary>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
        Check.That(_open.Remove(request.Id, out Session? session), $"request {request.Id} ended twice");
        if (outcome != ClientOutcome.Completed || !session.HasMoreTurns)
        {
            return;
        }

        session.Answer(request.OutputId, outputTokens);
        SimTime next = SimTime.Later(at, request.Arrival + Gap(session));
        _ready.Enqueue(session, (next, session.Id));
    }

    /// <summary>Does nothing: nothing is held.</summary>
    public void Dispose()
    {
    }

    private void StartSession(SimTime previous)
    {
        if (_limits.NextAfter(previous, _sessions, _arrivals) is not { } start)
        {
            return;
        }

        Draws turns = _turnCounts.At(_sessions);
        Session session = new(
            _sessions,
            _turns.Draw(ref turns),
            _prefixes?.Of(_sessions),
            _options.MaxContextTokens ?? LongestContext,
            _labels.With([new(Label, _sessions.ToString(CultureInfo.InvariantCulture))]));
        _ready.Enqueue(session, (start, _sessions));
        _sessions++;
    }

    private RequestLengths Lengths(Session session)
    {
        Draws prompt = _promptLengths.At(session.Id, session.Turn);
        Draws output = _outputLengths.At(session.Id, session.Turn);
        if (session.Turn > 0 || _firstPrompts is null)
        {
            return _lengths.Draw(ref prompt, ref output);
        }

        Draws first = prompt;
        return _lengths.Draw(ref prompt, ref output) with { PromptTokens = _firstPrompts.Draw(ref first) };
    }

    private void Forget(Session session)
    {
        Draws draws = _forgetting.At(session.Id, session.Turn);
        if (draws.NextUnit() < _options.ForgetShare)
        {
            session.Forget(draws.NextUnit());
        }
    }

    private SimTime Gap(Session session)
    {
        Draws draws = _turnGaps.At(session.Id, session.Turn);
        return _gaps.Draw(ref draws);
    }
}
