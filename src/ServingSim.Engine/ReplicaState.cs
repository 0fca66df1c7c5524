using ServingSim.Engine.Kv;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// The requests of a replica and their KV, as a scheduler sees them and changes them. Every verb is all or nothing and
/// takes effect at once, because allocation, eviction, registration and preemption change what can be chosen next
/// (vLLM V1: scheduler-side state advances when a step is scheduled, before it is computed).
/// </summary>
public sealed class ReplicaState
{
    private readonly RunningList _running = new();
    private readonly List<Request> _prefilling = [];

    internal ReplicaState(EngineConfig config, KvCache kv, IWaitingQueue waiting)
    {
        (Config, Kv, Waiting) = (config, kv, waiting);
        Cohort = new DecodeCohort(config.BlockSize);
        Remote = new RemoteKv(this);
    }

    /// <summary>The engine's limits.</summary>
    public EngineConfig Config { get; }

    /// <summary>The KV blocks.</summary>
    public KvCache Kv { get; }

    /// <summary>The requests that wait; change it through the verbs only.</summary>
    public IWaitingQueue Waiting { get; }

    /// <summary>How many requests are admitted.</summary>
    public int RunningCount => _running.Count;

    /// <summary>The request admitted first, from which <see cref="Request.NextRunning"/> leads to all others.</summary>
    public Request? FirstRunning => _running.First;

    /// <summary>The request admitted last.</summary>
    public Request? LastRunning => _running.Last;

    /// <summary>Admitted requests that do not decode yet, in order of admission.</summary>
    public IReadOnlyList<Request> Prefilling => _prefilling;

    /// <summary>How many requests decode.</summary>
    public int Decoding => Cohort.Count;

    /// <summary>How many requests wait for their first step, or for their next after a preemption.</summary>
    public int WaitingCount => Waiting.Count + Remote.LoadingCount;

    /// <summary>How many admitted requests only wait for their last token.</summary>
    public int Ending => RunningCount - Decoding - _prefilling.Count;

    /// <summary>Whether all decoding requests were admitted before all those that prefill.</summary>
    public bool DecodesPrecedePrefills
    {
        get
        {
            Request? last = _running.Last;
            for (int i = 0; i < _prefilling.Count; last = last.PreviousRunning)
            {
                if (last!.State == RequestState.Decoding)
                {
                    return false;
                }

                i += last.State == RequestState.Prefilling ? 1 : 0;
            }

            return true;
        }
    }

    /// <summary>Its requests whose KV comes from elsewhere, or is still to be read from there.</summary>
    public RemoteKv Remote { get; }

    internal DecodeCohort Cohort { get; }

    internal StepPlan Plan { get; set; } = new();

    /// <summary>The step whose tokens are still to come while the next is planned; null where there is none.</summary>
    internal StepPlan? InFlight
    {
        get => Kv.InFlight;
        set => Kv.InFlight = value;
    }

    /// <summary>
    /// Lets every decoding request compute one token; false, and nobody does, if blocks are short. Then the free blocks
    /// are theirs before those of anybody who is preempted for the rest: in order, the engine would have given them.
    /// </summary>
    public bool TryDecodeAll()
    {
        if (!Kv.TryTake(Cohort.BlocksForNextToken))
        {
            Kv.SetFreeBlocksAside();
            return false;
        }

        Cohort.AdvanceAll();
        Plan.AddCohort(Cohort.Count, Cohort.ContextTokens);
        if (InFlight is { Missed.Count: > 0 } inFlight)
        {
            inFlight.Missed.ForEach(KeepIfAllKnown);
        }

        return true;
    }

    /// <summary>Lets every decoding request compute a token in each of so many further steps; blocks suffice.</summary>
    internal void DecodeAll(long steps)
    {
        Check.That(Kv.TryTake(Cohort.BlocksForSteps(steps)), $"blocks are short in a run of {steps} steps");
        Cohort.AdvanceAll(steps);
    }

    /// <summary>Lets one running request compute tokens, one if it decodes; false if blocks are short.</summary>
    public bool TryExtend(Request request, int tokens)
    {
        Check.That(tokens >= 1 && tokens <= request.TokensToCompute, $"{tokens} tokens for request {request.Id}");
        if (request.State == RequestState.Decoding)
        {
            return TryDecode(request);
        }

        if (!Kv.TryExtend(request, tokens))
        {
            return false;
        }

        Plan.AddPrefill(request, tokens);
        return true;
    }

    /// <summary>What the prefix cache holds of a waiting request; good until blocks next change hands.</summary>
    public PrefixHit FindHit(Request waiting) => Kv.Find(waiting);

    /// <summary>
    /// Whether the hit just found can grow as requests decode: only if the prompt quotes one of them.
    /// </summary>
    public bool DecodingCanExtendHit(Request waiting) => Kv.DecodingCanExtendHit(waiting);

    /// <summary>
    /// Whether blocks suffice to admit a request with this hit, compute <paramref name="tokens"/> more, and leave
    /// <paramref name="spare"/> blocks free.
    /// </summary>
    public bool CanAdmit(PrefixHit hit, int tokens, int spare = 0) => Kv.CanAdmit(hit, tokens, spare);

    /// <summary>
    /// Admits the head of the queue with the hit just found; false, and nothing happens, if blocks are short.
    /// </summary>
    public bool TryAdmitHead(PrefixHit hit, int tokens)
    {
        Request? request = Waiting.Head;
        Check.That(request is not null, "nobody waits");
        Check.That(Decoding + _prefilling.Count < Config.MaxNumSeqs, $"{RunningCount} requests run already");
        Check.That(tokens >= 1 && hit.Tokens + tokens <= request.KnownTokens, $"{tokens} after {hit} for {request.Id}");
        if (!Kv.TryAdmit(request, hit, tokens))
        {
            return false;
        }

        Waiting.Dequeue();
        Admit(request);
        Plan.AddPrefill(request, tokens);
        request.CachedTokens ??= hit.Tokens;
        Plan.AddAdmission(request, hit.Tokens);
        return true;
    }

    /// <summary>
    /// Ends the head of the queue as it is, with the tokens that it has (vLLM V0 FINISHED_IGNORED, which a client
    /// hears of as a length that was reached), when the step ends; until then it has a place, and no KV.
    /// </summary>
    public void IgnoreHead()
    {
        Request request = Waiting.Head!;
        Waiting.Dequeue();
        _running.Append(request);
        request.State = RequestState.Ending;
        request.EndedByModelLength = true;
        Plan.Ending.Add(request);
    }

    /// <summary>
    /// Takes all KV from a running request and puts it back into the queue: it will compute its known tokens again
    /// (vLLM V1 knows no other preemption). If the plan holds it already, it is withdrawn; its tokens are returned.
    /// </summary>
    public int Preempt(Request request)
    {
        int withdrawn = Plan.Withdraw(request);
        bool tokenComes = request.HasTokenIn(InFlight);
        if (tokenComes)
        {
            // vLLM since 2025-07-12: what a step in flight samples is appended while the request waits
            InFlight!.PreemptedInFlight.Add(request);
        }

        if (request.State == RequestState.Decoding)
        {
            Cohort.Leave(request);

            // A token that it will not sample in this step after all
            request.SetGenerated(request.GeneratedTokens - withdrawn);

            // Unless it missed steps, or another is to come, its last token came when the step before this one ended
            request.LastToken = request.Lags || tokenComes ? request.LastToken : Plan.Start;
            request.Lags &= tokenComes;
        }
        else if (request.State == RequestState.Prefilling)
        {
            _prefilling.Remove(request);
        }

        _running.Remove(request);
        request.BeginPreemption(Plan.Start, request.ComputedTokens - withdrawn);
        Kv.Release(request);
        (request.State, request.IsPutBack) = (RequestState.Waiting, true);
        Waiting.Requeue(request);
        Plan.AddPreemption(request);
        return withdrawn;
    }

    /// <summary>
    /// Whether blocks suffice for the next token of every decoding request and <paramref name="more"/> blocks.
    /// </summary>
    public bool CanDecodeAllAnd(int more) => Cohort.BlocksForNextToken + more <= Kv.FreeBlocks;

    /// <summary>Whether a decoding request needs a new block for its next token.</summary>
    public bool NeedsBlock(Request decoding) => Cohort.NeedsBlockForNextToken(decoding);

    /// <summary>
    /// A prefill has reached its last known token and is given the next one: it decodes from now on.
    /// </summary>
    internal void StartDecoding(Request request)
    {
        _prefilling.Remove(request);
        request.State = RequestState.Decoding;
        Cohort.Join(request);
        Kv.StartGrowing(request);
    }

    /// <summary>
    /// A step that goes through a pipeline samples the next token of a running request, which is planned no further
    /// until that is there.
    /// </summary>
    internal void AwaitToken(Request request)
    {
        if (request.State == RequestState.Decoding)
        {
            Cohort.Leave(request);
        }
        else
        {
            _prefilling.Remove(request);
            request.SetGenerated(request.GeneratedTokens + 1);
            Kv.StartGrowing(request);
        }

        (request.State, request.AwaitsToken) = (RequestState.InFlight, true);
    }

    /// <summary>The token that a request awaited is there, and it is not the last.</summary>
    internal void GoOnDecoding(Request request)
    {
        request.State = RequestState.Decoding;
        Cohort.Join(request);
    }

    /// <summary>
    /// The last token of a running request is that of a step in flight, so it is in no plan from step
    /// <paramref name="next"/> on.
    /// </summary>
    internal void StopScheduling(Request request, long next)
    {
        if (request.State == RequestState.Decoding)
        {
            Cohort.Leave(request);
        }
        else
        {
            _prefilling.Remove(request);
        }

        Check.That(
            request.GeneratedTokens == request.OutputLimit && request.ComputedTokens == request.KnownTokens - 1,
            $"request {request.Id} ends with {request.ComputedTokens} of {request.KnownTokens} tokens computed");
        request.State = RequestState.Ending;
        request.MissedStep = next;
    }

    /// <summary>
    /// A request has got its last token: one that has stopped being scheduled, that was preempted while the token was
    /// on its way, or whose end nobody could foresee.
    /// </summary>
    internal void Finish(Request request)
    {
        request.HoldsKv = request.KeepsKv && request.State != RequestState.Waiting;
        Leave(request);
        if (request.HoldsKv)
        {
            Remote.Pin(request);
        }
        else
        {
            GiveBack(request);
        }

        request.SetGenerated(Math.Min(request.GeneratedTokens, request.StopsAfter ?? int.MaxValue));
        request.Lags = false;
        request.State = RequestState.Finished;
    }

    /// <summary>A request leaves unfinished.</summary>
    /// <param name="request">Who.</param>
    /// <param name="received">The tokens that it got.</param>
    internal void Drop(Request request, int received)
    {
        Leave(request);
        GiveBack(request, unwritten: request.AwaitsKv ? request.ComputedTokens : 0);
        request.SetGenerated(received);
        request.Lags = false;
        request.State = RequestState.Dropped;
    }

    /// <summary>Takes a request out of wherever it stands; it keeps its KV.</summary>
    private void Leave(Request request)
    {
        if (request.State == RequestState.Waiting)
        {
            Waiting.Remove(request);
            return;
        }

        if (request.State == RequestState.Loading)
        {
            Remote.Leave(request);
            return;
        }

        _running.Remove(request);
        if (request.State == RequestState.Decoding)
        {
            Cohort.Leave(request);
        }
        else if (request.State == RequestState.Prefilling)
        {
            _prefilling.Remove(request);
        }
    }

    /// <summary>Gives a request that holds its blocks already a place among the running.</summary>
    internal void Admit(Request request)
    {
        _running.Append(request);
        _prefilling.Add(request);
        request.State = RequestState.Prefilling;
        request.FirstScheduled ??= Plan.Start;
        request.EndPreemption(Plan.Start);
    }

    /// <summary>Gives back the blocks of a request that will not come back.</summary>
    internal void GiveBack(Request request, int unwritten = 0)
    {
        if (request.ComputedTokens > 0)
        {
            Kv.Release(request, unwritten);
        }

        Kv.Retire(request);
    }

    private bool TryDecode(Request request)
    {
        if (!Kv.TryTake(Cohort.NeedsBlockForNextToken(request) ? 1 : 0))
        {
            return false;
        }

        Cohort.Advance(request);
        Plan.AddDecode(request);
        KeepIfAllKnown(request);
        return true;
    }

    /// <summary>
    /// Of a request that missed the step in flight all tokens are known, so a block that it fills now is kept for
    /// others at once; once a step that it is in is in flight, that would no longer be seen.
    /// </summary>
    private void KeepIfAllKnown(Request request)
    {
        if (request.State == RequestState.Decoding && request.MissedStep == InFlight?.Step)
        {
            Kv.KeepFilled(request);
        }
    }
}
