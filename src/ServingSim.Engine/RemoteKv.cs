using ServingSim.Engine.Kv;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a replica of a disaggregated fleet has to do with others' KV: requests that wait for theirs to be written here,
/// and finished ones whose KV another replica is still to read (vLLM V1 with a KV connector such as NIXL).
/// </summary>
public sealed class RemoteKv
{
    private readonly ReplicaState _state;
    private readonly List<Request> _loading = [];
    private readonly LinkedList<Request> _pinned = new();

    /// <summary>How many of those that load have their KV.</summary>
    private int _landed;

    internal RemoteKv(ReplicaState state) => _state = state;

    /// <summary>
    /// Requests that hold the blocks of their prompts and no place among the running, in the order in which they got
    /// them: their KV is on its way, or has landed.
    /// </summary>
    public IReadOnlyList<Request> Loading => _loading;

    /// <summary>How many those are.</summary>
    public int LoadingCount => _loading.Count;

    /// <summary>The first of those whose KV has landed; null where none has.</summary>
    public Request? FirstLanded => _landed == 0 ? null : _loading.Find(request => !request.AwaitsKv);

    /// <summary>Finished requests whose KV another replica is still to read.</summary>
    public IReadOnlyCollection<Request> Pinned => _pinned;

    /// <summary>Whether blocks are held that come free, or KV that lands, without a step of this replica.</summary>
    public bool IsExpected => _loading.Count + _pinned.Count > 0;

    /// <summary>Whether somebody looks after every step for room, which may come without anybody finishing.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Requests that had blocks set aside, until their observers have been told.</summary>
    internal List<Request> Reserved { get; } = [];

    /// <summary>
    /// Sets blocks aside for the whole prompt of the head of the queue, whose KV comes from elsewhere, with the hit
    /// just found; false, and nothing happens, if blocks are short. The head takes no tokens of the step and no place
    /// among the running, and those behind it may go on.
    /// </summary>
    public bool TryReserveHead(PrefixHit hit)
    {
        if (!TryReserve(_state.Waiting.Head!, hit))
        {
            return false;
        }

        _state.Waiting.Dequeue();
        return true;
    }

    /// <summary>
    /// Admits the first request whose KV has landed, for one token: the last of its prompt, whose logits are needed, if
    /// it has no token yet (vLLM V1: C = T − 1), else the one after its first. False if the latter gets no block.
    /// </summary>
    public bool TryAdmitLanded()
    {
        Request request = FirstLanded!;
        if (request.ComputedTokens < request.KnownTokens && !_state.Kv.TryExtend(request, 1))
        {
            return false;
        }

        Leave(request);
        _state.Admit(request);
        _state.Plan.AddLanded(request);
        return true;
    }

    /// <summary>Sets blocks aside for a request that is not queued, or stands at the head of the queue.</summary>
    internal bool TryReserve(Request request, PrefixHit hit)
    {
        if (!_state.Kv.TryReserve(request, hit, request.PromptTokens))
        {
            return false;
        }

        request.State = RequestState.Loading;
        request.CachedTokens ??= hit.Tokens;
        _loading.Add(request);
        Reserved.Add(request);
        return true;
    }

    /// <summary>Tells of requests that had blocks set aside for their KV.</summary>
    internal void TellReserved(Replica replica, IReplicaObserver observer)
    {
        for (int i = 0; i < Reserved.Count; i++)
        {
            Request request = Reserved[i];
            int missing = _state.Kv.BlocksFor(request.PromptTokens - request.CachedTokens!.Value);
            observer.KvReserved(replica, request, missing);
        }

        Reserved.Clear();
    }

    /// <summary>The KV that a request awaited is there: its blocks can be hit by others.</summary>
    internal void Land(Request request)
    {
        StopAwaiting(request);
        _landed++;
        _state.Kv.Land(request);
    }

    /// <summary>The KV that a request awaited will never come: it computes its prompt itself.</summary>
    internal void GiveUp(Request request)
    {
        StopAwaiting(request);
        _loading.Remove(request);
        _state.Kv.Release(request, unwritten: request.ComputedTokens);
        (request.State, request.IsPutBack) = (RequestState.Waiting, true);
        _state.Waiting.Requeue(request);
    }

    /// <summary>A request loads no more.</summary>
    internal void Leave(Request request)
    {
        _loading.Remove(request);
        _landed -= request.AwaitsKv ? 0 : 1;
    }

    /// <summary>A finished request leaves its KV behind.</summary>
    internal void Pin(Request finished) => _pinned.AddLast(finished);

    /// <summary>Gives back what a finished request left behind.</summary>
    internal void Unpin(Request finished)
    {
        Check.That(finished.HoldsKv, $"request {finished.Id} left no KV behind");
        finished.HoldsKv = false;
        _pinned.Remove(finished);
        _state.GiveBack(finished);
    }

    private static void StopAwaiting(Request request)
    {
        Check.That(request is { State: RequestState.Loading, AwaitsKv: true }, $"request {request.Id} awaits no KV");
        request.AwaitsKv = false;
    }
}
