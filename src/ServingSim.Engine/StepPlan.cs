using System.Runtime.InteropServices;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>What one step computes, filled by the verbs of <see cref="ReplicaState"/>; reused by its replica.</summary>
public sealed class StepPlan
{
    private readonly List<PlannedPrefill> _prefills = [];
    private readonly List<PrefillChunk> _chunks = [];
    private readonly List<Request> _singleDecodes = [];
    private readonly List<Request> _preempted = [];
    private readonly List<Admission> _admitted = [];
    private readonly int[] _decodesByClass = new int[ItlClass.Limit];
    private int _classes;
    private long _landedContextTokens;

    /// <summary>The step's number on its replica, from 0.</summary>
    public long Step { get; private set; }

    /// <summary>
    /// When it is planned; with asynchronous scheduling the device may still compute the step before.
    /// </summary>
    public SimTime Start { get; private set; }

    /// <summary>
    /// When its tokens are there, once it is timed: the end of its device time, or of the host's time for the plan
    /// after it where that is later.
    /// </summary>
    public SimTime End { get; internal set; }

    /// <summary>
    /// Requests that compute prompt tokens (or recompute tokens after a preemption), in scheduled order.
    /// </summary>
    public IReadOnlyList<PlannedPrefill> Prefills => _prefills;

    /// <summary><see cref="Prefills"/>, for loops that allocate nothing.</summary>
    internal List<PlannedPrefill> PrefillList => _prefills;

    /// <summary>Requests that were preempted while the plan was made, in order.</summary>
    public IReadOnlyList<Request> Preempted => _preempted;

    /// <summary>Requests that the step admitted, in order, each with its prefix hit.</summary>
    public IReadOnlyList<Admission> Admitted => _admitted;

    /// <summary>How many requests decode one token.</summary>
    public int Decodes { get; private set; }

    /// <summary>Σ over the decodes of the tokens attended to, the new one included.</summary>
    public long DecodeContextTokens { get; private set; }

    /// <summary>
    /// Whether every decoding request is in the step; else <see cref="SingleDecodes"/> are those that are.
    /// </summary>
    public bool DecodesWholeCohort { get; private set; }

    /// <summary>The decodes of a step that some decoding request misses, in scheduled order.</summary>
    public IReadOnlyList<Request> SingleDecodes => _singleDecodes;

    /// <summary>
    /// How many requests sample a token: the decodes, and prefills that reach their last known token.
    /// </summary>
    public int SampledTokens { get; private set; }

    /// <summary>All tokens that the step computes.</summary>
    public int Tokens { get; private set; }

    /// <summary>
    /// Requests whose KV came from elsewhere and that compute their first token here: of one token, so that the model
    /// runs it as a decode, though the engine admits it as the end of a prompt.
    /// </summary>
    internal int LandedDecodes { get; private set; }

    /// <summary>Σ over all decodes, those included, of the tokens attended to.</summary>
    internal long AllDecodeContextTokens => DecodeContextTokens + _landedContextTokens;

    /// <summary>Its time on the device.</summary>
    internal SimTime Device { get; set; }

    /// <summary>
    /// The line on which the device times of this step and those like it lie; null where there is none.
    /// </summary>
    internal DecodeLine? Line { get; set; }

    /// <summary>Whether its requests stand as they will once its tokens are there.</summary>
    internal bool IsForeseen { get; set; }

    /// <summary>The requests whose last token it samples, once it is foreseen.</summary>
    internal List<Request> Ending { get; } = [];

    /// <summary>Requests that were preempted while it was in flight; their tokens still come.</summary>
    internal List<Request> PreemptedInFlight { get; } = [];

    /// <summary>The requests that it samples a token of, in a pipeline.</summary>
    internal List<Request> Sampling { get; } = [];

    /// <summary>Decoding requests that are not in it.</summary>
    internal List<Request> Missed { get; } = [];

    /// <summary>How many decodes of the whole cohort it holds of each <see cref="ItlClass"/>, by index.</summary>
    internal ReadOnlySpan<int> DecodesByClass => _decodesByClass.AsSpan(0, _classes);

    /// <summary>Whether the step is one decode of all running requests and nothing else.</summary>
    internal bool OnlyDecodes =>
        DecodesWholeCohort && Decodes > 0 && _prefills.Count + _preempted.Count + _admitted.Count == 0;

    /// <summary>Whether it computes nothing and changed nobody's place.</summary>
    internal bool IsEmpty => Tokens + _preempted.Count + _admitted.Count + Ending.Count == 0;

    /// <summary>Whether requests end with it that it computes nothing of.</summary>
    public bool EndsSomebody => Ending.Count > 0;

    /// <summary>What the latency model is asked.</summary>
    public StepShape Shape => new(
        CollectionsMarshal.AsSpan(_chunks),
        Decodes + LandedDecodes,
        AllDecodeContextTokens,
        SampledTokens,
        _admitted.Count);

    /// <summary>
    /// How many tokens of <paramref name="request"/> the step computes; good until the next step is planned.
    /// </summary>
    public int TokensOf(Request request) =>
        request.Planned.Step == Step ? request.Planned.Tokens
        : DecodesWholeCohort && request.State == RequestState.Decoding ? 1
        : 0;

    internal void Begin(long step, SimTime start)
    {
        (Step, Start, End) = (step, start, start);
        (Decodes, DecodeContextTokens, DecodesWholeCohort, SampledTokens, Tokens) = (0, 0, false, 0, 0);
        (Line, IsForeseen, _classes, LandedDecodes, _landedContextTokens) = (null, false, 0, 0, 0);
        _prefills.Clear();
        _chunks.Clear();
        _singleDecodes.Clear();
        _preempted.Clear();
        _admitted.Clear();
        Missed.Clear();
        Sampling.Clear();
        Ending.Clear();
        PreemptedInFlight.Clear();
    }

    /// <summary>Becomes the plan of the step so many further on in a run.</summary>
    internal void Skip(long steps, SimTime start)
    {
        Step += steps;
        DecodeContextTokens += Decodes * steps;
        Start = start;
    }

    /// <summary>
    /// The plan is complete: remembers which decoding requests miss the step. Costs O(batch), where some do.
    /// </summary>
    internal void Complete(ReplicaState state)
    {
        if (DecodesWholeCohort || state.Decoding == Decodes)
        {
            return;
        }

        for (Request? request = state.FirstRunning; request is not null; request = request.NextRunning)
        {
            if (request.State == RequestState.Decoding && TokensOf(request) == 0)
            {
                request.MissedStep = Step;
                Missed.Add(request);
            }
        }
    }

    /// <summary>Counts the decodes of the whole cohort, before anybody joins or leaves it.</summary>
    internal void CountDecodes(DecodeCohort cohort)
    {
        ReadOnlySpan<int> counts = cohort.CountsByClass;
        counts.CopyTo(_decodesByClass);
        _classes = counts.Length;
    }

    /// <summary>
    /// Whether a token of a request, already counted as generated, comes when the step ends; for a step that has been
    /// foreseen.
    /// </summary>
    internal bool OwesTokenTo(Request request) =>
        (DecodesWholeCohort && request.State is RequestState.Decoding or RequestState.Ending)
        || _singleDecodes.Contains(request)
        || PreemptedInFlight.Contains(request)
        || _prefills.Exists(prefill => prefill.Samples && prefill.Request == request);

    /// <summary>Takes out a request that a token of the step before has ended: its token is thrown away.</summary>
    internal void Drop(Request request) => _singleDecodes.Remove(request);

    /// <summary>A request leaves unfinished: nothing that the step computes of it is kept.</summary>
    internal void Forget(Request request)
    {
        if (_prefills.RemoveAll(prefill => prefill.Request == request) == 0
            && IsForeseen
            && DecodesWholeCohort
            && (request.HasTokenIn(this) || PreemptedInFlight.Contains(request)))
        {
            _decodesByClass[request.ItlClass.Index]--;
        }

        _singleDecodes.Remove(request);
        PreemptedInFlight.Remove(request);
        Missed.Remove(request);
        Sampling.Remove(request);
        Ending.Remove(request);
    }

    internal void AddCohort(int decodes, long contextTokens)
    {
        Check.That(Decodes == 0, "the cohort is scheduled once");
        (DecodesWholeCohort, Decodes, DecodeContextTokens) = (true, decodes, contextTokens);
        SampledTokens += decodes;
        Tokens += decodes;
    }

    internal void AddDecode(Request request)
    {
        Check.That(!DecodesWholeCohort, "the cohort is scheduled already");
        request.Planned = (Step, 1);
        _singleDecodes.Add(request);
        Decodes++;
        DecodeContextTokens += request.ComputedTokens;
        SampledTokens++;
        Tokens++;
    }

    internal void AddPrefill(Request request, int tokens)
    {
        request.Planned = (Step, tokens);
        bool samples = request.ComputedTokens == request.KnownTokens;
        _prefills.Add(new PlannedPrefill(request, tokens, samples));
        _chunks.Add(new PrefillChunk(tokens, request.ComputedTokens - tokens));
        SampledTokens += samples ? 1 : 0;
        Tokens += tokens;
    }

    /// <summary>The first token here of a request whose KV came from elsewhere.</summary>
    internal void AddLanded(Request request)
    {
        request.Planned = (Step, 1);
        _prefills.Add(new PlannedPrefill(request, 1, Samples: true));
        LandedDecodes++;
        _landedContextTokens += request.ComputedTokens;
        SampledTokens++;
        Tokens++;
    }

    /// <summary>Takes a request out of the plan again; returns its tokens, 0 if it was not in it.</summary>
    internal int Withdraw(Request request)
    {
        int tokens = TokensOf(request);
        if (tokens == 0)
        {
            return 0;
        }

        Check.That(!DecodesWholeCohort || request.State != RequestState.Decoding, "the cohort is scheduled as a whole");
        if (request.State == RequestState.Decoding)
        {
            _singleDecodes.Remove(request);
            Decodes--;
            DecodeContextTokens -= request.ComputedTokens;
            SampledTokens--;
        }
        else
        {
            int at = _prefills.FindIndex(p => p.Request == request);
            SampledTokens -= _prefills[at].Samples ? 1 : 0;
            _prefills.RemoveAt(at);
            _chunks.RemoveAt(at);
        }

        Tokens -= tokens;
        request.Planned = (-1, 0);
        return tokens;
    }

    internal void AddPreemption(Request request) => _preempted.Add(request);

    internal void AddAdmission(Request request, int hitTokens) => _admitted.Add(new Admission(request, hitTokens));
}

/// <summary>A request's prefill in a step.</summary>
/// <param name="Request">Whose.</param>
/// <param name="Tokens">How many tokens the step computes of it.</param>
/// <param name="Samples">Whether it reaches the last known token, so that the step samples the next.</param>
public readonly record struct PlannedPrefill(Request Request, int Tokens, bool Samples);

/// <summary>An admission from the waiting queue.</summary>
/// <param name="Request">Who.</param>
/// <param name="HitTokens">Tokens found in the prefix cache.</param>
public readonly record struct Admission(Request Request, int HitTokens);
