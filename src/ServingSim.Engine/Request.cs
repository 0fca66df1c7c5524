using ServingSim.Engine.Kv;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// One attempt of a client request on one replica, and how far it has come. Known tokens (prompt and generated) and
/// computed tokens (whose KV exists) are kept apart: vLLM V1 tries in every step to bring the second up to the first.
/// While the request decodes, both follow from the cohort's step counter.
/// </summary>
public sealed class Request
{
    private readonly OutputLength _output;
    private int _computed;
    private int _generated;
    private PreemptionHistory? _preemption;

    /// <summary>A request that no replica has yet.</summary>
    /// <param name="id">Which attempt of which client request.</param>
    /// <param name="prompt">What its prompt is made of.</param>
    /// <param name="output">How many tokens it will generate.</param>
    /// <param name="arrival">When it reaches the replica; the client's latency may start earlier.</param>
    public Request(RequestId id, PromptContent prompt, OutputLength output, SimTime arrival)
    {
        (Id, Prompt, _output, Arrival, FrontEndArrival) = (id, prompt, output, arrival, arrival);
    }

    /// <summary>Which attempt of which client request.</summary>
    public RequestId Id { get; }

    /// <summary>What the prompt is made of.</summary>
    public PromptContent Prompt { get; }

    /// <summary>When it reached the replica.</summary>
    public SimTime Arrival { get; }

    /// <summary>
    /// When the front end received it: what vLLM's policy priority calls arrival_time. It differs from
    /// <see cref="Arrival"/> where the front end took time, and by a tick for each of several that arrived at once.
    /// </summary>
    public SimTime FrontEndArrival { get; init; }

    /// <summary>Lower is more urgent (vLLM's priority).</summary>
    public int Priority { get; init; }

    /// <summary>
    /// What somebody believes the length of its output to be, right or wrong, in tokens; null where nobody predicts.
    /// </summary>
    public int? PredictedOutputTokens { get; init; }

    /// <summary>
    /// Which of at most <see cref="ItlClass.Limit"/> groups its inter-token latencies are counted in.
    /// </summary>
    public ItlClass ItlClass { get; init; }

    /// <summary>What its sender wants to know of it again when it hears of it; nothing to the engine.</summary>
    public object? Sender { get; init; }

    /// <summary>
    /// Whether its KV stays where it is when it has finished, until <see cref="Replica.ReleaseKv"/>: a decode replica
    /// will read it (vLLM's do_remote_decode).
    /// </summary>
    public bool KeepsKv { get; init; }

    /// <summary>
    /// Whether the KV of its prompt comes from another replica, and has not come yet (vLLM's do_remote_prefill).
    /// </summary>
    public bool AwaitsKv { get; internal set; }

    /// <summary>Whether <see cref="KeepsKv"/> left KV behind that nobody has released.</summary>
    public bool HoldsKv { get; internal set; }

    /// <summary>Where it stands.</summary>
    public RequestState State { get; internal set; }

    /// <summary>The prompt's length.</summary>
    public int PromptTokens => Prompt.Tokens;

    /// <summary>
    /// Tokens generated; those of steps in flight count from the step's beginning if the request decodes (vLLM V1: its
    /// output and its placeholders).
    /// </summary>
    public int GeneratedTokens => Cohort?.GeneratedTokensOf(this) ?? _generated;

    /// <summary>Prompt and generated tokens: T of the engine's rules.</summary>
    public int KnownTokens => PromptTokens + GeneratedTokens;

    /// <summary>Tokens whose KV exists or is being computed by steps in flight: C of the engine's rules.</summary>
    public int ComputedTokens => Cohort?.ComputedTokensOf(this) ?? _computed;

    /// <summary>
    /// Tokens that were computed for it, KV that came from elsewhere included; what was computed again after a
    /// preemption counts once.
    /// </summary>
    public int EverComputedTokens => Math.Max(ComputedTokens, _preemption?.MostComputed ?? 0);

    /// <summary>T − C before a step: what a step would compute of it at most.</summary>
    public int TokensToCompute => State switch
    {
        RequestState.Decoding => 1,
        RequestState.Ending or RequestState.InFlight => 0,
        _ => KnownTokens - ComputedTokens,
    };

    /// <summary>Cached tokens at the first admission; null before.</summary>
    public int? CachedTokens { get; internal set; }

    /// <summary>How often its KV was taken from it.</summary>
    public int Preemptions { get; private set; }

    /// <summary>Start of the first step that computed some of it.</summary>
    public SimTime? FirstScheduled { get; internal set; }

    /// <summary>Time that it waited again after being preempted.</summary>
    public SimTime Preempted => _preemption?.Total ?? SimTime.Zero;

    /// <summary>The part of that before its first token.</summary>
    public SimTime PreemptedBeforeFirstToken => _preemption?.BeforeFirstToken ?? SimTime.Zero;

    /// <summary>End of the step that sampled its first token.</summary>
    public SimTime? FirstToken { get; internal set; }

    /// <summary>End of the step that sampled its last token.</summary>
    public SimTime? Finished { get; internal set; }

    /// <summary>Whether the engine's max_model_len ended it before all its tokens were generated.</summary>
    public bool EndedByModelLength { get; internal set; }

    /// <summary>
    /// Whether its last token did not end the output, so that another leg goes on: an engine says so with that token.
    /// </summary>
    public bool GoesOn => State == RequestState.Finished && _output.GoesOn && !EndedByModelLength;

    /// <summary>The next request in order of admission; null for the last one.</summary>
    public Request? NextRunning { get; internal set; }

    internal Request? PreviousRunning { get; set; }

    /// <summary>Grows with every admission: the order of <see cref="NextRunning"/>.</summary>
    internal long AdmissionOrdinal { get; set; }

    /// <summary>
    /// Tokens after which it finishes: its output, or what max_model_len leaves; set when it is queued.
    /// </summary>
    internal int OutputLimit { get; private set; }

    /// <summary>Whether it was put back into the queue: preempted, or its KV did not come.</summary>
    internal bool IsPutBack { get; set; }

    /// <summary>Whether its client gave up while a step computed some of it.</summary>
    internal bool IsAborted { get; set; }

    /// <summary>Whether a step in a pipeline samples a token of it, already counted as generated.</summary>
    internal bool AwaitsToken { get; set; }

    /// <summary>When its last token came; while it decodes, known only if it missed a step.</summary>
    internal SimTime LastToken { get; set; }

    /// <summary>Whether it decodes but missed the last step, so that its next gap is longer than the step.</summary>
    internal bool Lags { get; set; }

    /// <summary>The last step that it missed, since it decodes.</summary>
    internal long MissedStep { get; set; } = -1;

    /// <summary>
    /// The number of its output token that ends it though nobody could foresee it (an end-of-sequence token); null
    /// where its length alone ends it.
    /// </summary>
    internal int? StopsAfter { get; init; }

    /// <summary>Its place in the plan being made: the step's number and the tokens planned for it.</summary>
    internal (long Step, int Tokens) Planned { get; set; } = (-1, 0);

    // Owned by DecodeCohort
    internal DecodeCohort? Cohort { get; set; }

    internal long ComputedAtStepZero { get; set; }

    internal long FinishStep { get; set; }

    internal Request? NextInBucket { get; set; }

    internal Request? PreviousInBucket { get; set; }

    // Owned by PrefixCache
    internal BlockKeyChain? Keys { get; set; }

    internal Request? NextGrowing { get; set; }

    /// <summary>The KV of its prompt comes from elsewhere; said before it is queued.</summary>
    public void AwaitKv() => AwaitsKv = true;

    /// <summary>
    /// Its first token was sampled elsewhere, too, and it goes on with the second; said before it is queued.
    /// </summary>
    public void ContinueAfterFirstToken(SimTime firstToken)
    {
        (FirstToken, LastToken) = (firstToken, firstToken);
        _generated = 1;
    }

    /// <summary>Whether it was admitted before another running request.</summary>
    internal bool Precedes(Request other) => AdmissionOrdinal < other.AdmissionOrdinal;

    /// <summary>Whether a step in flight is about to sample a token of it.</summary>
    internal bool HasTokenIn(StepPlan? inFlight) =>
        inFlight is not null
        && State is RequestState.Decoding or RequestState.Ending
        && MissedStep != inFlight.Step;

    internal void SetComputed(int tokens) => _computed = tokens;

    internal void SetGenerated(int tokens) => _generated = tokens;

    /// <summary>Fixes where it ends: after its output, or when prompt and output reach max_model_len.</summary>
    internal void LimitTo(int maxModelLen)
    {
        OutputLimit = Math.Min(_output.Tokens, maxModelLen - PromptTokens);
        EndedByModelLength = OutputLimit < _output.Tokens || (_output.GoesOn && PromptTokens + 1 == maxModelLen);
        Check.That(OutputLimit >= 1, $"request {Id}: a prompt of {PromptTokens} leaves no room in {maxModelLen}");
    }

    /// <summary>It waits again from now on; so many tokens had been computed.</summary>
    internal void BeginPreemption(SimTime now, int computed)
    {
        Preemptions++;
        _preemption ??= new PreemptionHistory();
        _preemption.Begin(now, computed);
    }

    /// <summary>It runs, perhaps again after having been preempted.</summary>
    internal void EndPreemption(SimTime now) => _preemption?.End(now, FirstToken);
}
