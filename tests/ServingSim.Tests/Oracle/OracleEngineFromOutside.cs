namespace ServingSim.Tests.Oracle;

/// <summary>
/// What comes to the engine from outside its loop: clients that give up, the KV of other replicas (vLLM's scheduler
/// with a KV connector: WAITING_FOR_REMOTE_KVS, delayed frees), and crashes.
/// </summary>
internal sealed partial class OracleEngine
{
    private readonly List<OracleSequence> _pinned = [];
    private readonly List<OracleSequence> _aborts = [];
    private readonly Dictionary<OracleSequence, int> _missing = [];

    /// <summary>Told when blocks are set aside for a prompt: who, and how many are missing.</summary>
    public Action<OracleSequence, int>? Reserved { get; init; }

    /// <summary>Whether blocks are held that no step of this engine gives back.</summary>
    public bool AwaitsOthers =>
        _pinned.Count > 0 || _waiting.Exists(s => s.Kv is OracleRemoteKv.OnItsWay or OracleRemoteKv.Landed);

    /// <summary>Blocks that are set aside for requests that do not run.</summary>
    public int ReservedBlocks => _waiting
        .Where(s => s.Kv is OracleRemoteKv.OnItsWay or OracleRemoteKv.Landed)
        .Sum(s => s.Blocks.Count);

    /// <summary>Requests that wait and hold no block.</summary>
    public int WaitingCount => _waiting.Count(s => s.Kv is OracleRemoteKv.Here or OracleRemoteKv.Elsewhere);

    public int RunningCount => _running.Count;

    public int FreeBlocks => _kv.FreeBlocks;

    public int UsedBlocks => _kv.UsedBlocks;

    /// <summary>The request of a number.</summary>
    public OracleSequence SequenceOf(int id) => _sequences.FindLast(s => s.Id == id)!;

    public bool Has(OracleSequence sequence) => _waiting.Contains(sequence) || _running.Contains(sequence);

    /// <summary>
    /// The client of a request gives up: it leaves at once if it waits, else when the engine next looks at its aborts,
    /// before it decides a step or processes one.
    /// </summary>
    public void Abort(OracleSequence sequence, long tick)
    {
        AdvanceTo(tick);
        if (!Has(sequence) || _aborts.Contains(sequence))
        {
            return;
        }

        bool written = sequence.Kv == OracleRemoteKv.OnItsWay;
        if (!written && (_waiting.Contains(sequence) || _inFlight.Count == 0))
        {
            Drop(sequence);
            return;
        }

        _aborts.Add(sequence);
    }

    /// <summary>The engine looks at its aborts; blocks that are being written to stay until that is over.</summary>
    public void DropAborted() => _aborts.FindAll(s => s.Kv != OracleRemoteKv.OnItsWay).ForEach(Drop);

    private void Drop(OracleSequence sequence)
    {
        _waiting.Remove(sequence);
        _running.Remove(sequence);
        _kv.Free(sequence);
        sequence.IsDropped = true;
        _aborts.Remove(sequence);
    }

    /// <summary>Blocks of a prompt that was pulled that were not here already.</summary>
    public int MissingBlocksOf(OracleSequence sequence) => _missing[sequence];

    /// <summary>Those that finished with the step that ended at a tick, in the order of their release.</summary>
    public IEnumerable<OracleSequence> FinishedAt(long tick) =>
        _steps.FindLast(s => s.Processed == tick)!.Finished.Select(
            id => _sequences.FindLast(s => s.Id == id && s.FinishTime == tick)!);

    /// <summary>Its prompt was computed elsewhere, and its KV may be there: it is queued so.</summary>
    public OracleSequence Queue(OracleRequest request, bool isElsewhere)
    {
        Queue(request);
        OracleSequence sequence = _sequences[^1];
        sequence.Kv = isElsewhere ? OracleRemoteKv.Elsewhere : OracleRemoteKv.Here;
        return sequence;
    }

    /// <summary>Blocks for a prompt whose KV is elsewhere, and whose first token is known, without queueing.</summary>
    public OracleSequence? TryPull(OracleRequest request)
    {
        AdvanceTo(request.Arrival);
        OracleSequence sequence = _kv.Sequence(request);
        sequence.AppendOutput();
        List<int> hits = _kv.CachedBlocks(sequence);
        if (!_kv.TryReserve(sequence, hits, sequence.PromptTokens, 0))
        {
            return null;
        }

        _missing[sequence] = sequence.Blocks.Count - hits.Count;
        sequence.TokenTimes.Add(request.FirstTokenTime!.Value);
        sequence.ComputedTokens = sequence.PromptTokens;
        sequence.Kv = OracleRemoteKv.OnItsWay;
        _sequences.Add(sequence);
        bool late = _config.Profile == OracleProfile.VllmV1Late;
        _waiting.Insert(
            _waiting.TakeWhile(s => s.Kv != OracleRemoteKv.Here || (s.IsPutBack && !late)).Count(), sequence);
        return sequence;
    }

    /// <summary>The KV has been written: all of the prompt; the last token's logits are still needed.</summary>
    public void Land(OracleSequence sequence, long tick)
    {
        AdvanceTo(tick);
        _kv.Cache(sequence, sequence.PromptTokens);
        bool isFirst = sequence.KnownTokens == sequence.PromptTokens;
        sequence.ComputedTokens = sequence.PromptTokens - (isFirst ? 1 : 0);
        sequence.Kv = OracleRemoteKv.Landed;
        if (_aborts.Contains(sequence))
        {
            Drop(sequence);
        }
    }

    /// <summary>The KV will not come: the request computes its prompt, before all others.</summary>
    public void LoseKv(OracleSequence sequence, long tick)
    {
        AdvanceTo(tick);
        _kv.Free(sequence);
        sequence.ComputedTokens = 0;
        sequence.Kv = OracleRemoteKv.Here;
        _waiting.Remove(sequence);
        OracleQueue.PutBack(_waiting, sequence, _config);
        if (_aborts.Contains(sequence))
        {
            Drop(sequence);
        }
    }

    /// <summary>KV that was kept for another replica is given back.</summary>
    public void Unpin(OracleSequence sequence, long tick)
    {
        AdvanceTo(tick);
        _pinned.Remove(sequence);
        _kv.Free(sequence);
    }

    /// <summary>All is gone.</summary>
    public List<OracleSequence> Crash(long tick)
    {
        AdvanceTo(tick);
        List<OracleSequence> lost = [.. _running, .. _waiting.OrderBy(s => s.Blocks.Count > 0 ? 0 : 1)];
        lost.ForEach(Drop);
        _aborts.Clear();
        _inFlight.Clear();
        _kv.Forget();
        return lost;
    }

    private OracleStop? SetAside(OracleSequence sequence, List<OracleSequence> aside)
    {
        _waiting.RemoveAt(0);
        aside.Add(sequence);
        return null;
    }

    private OracleStop? Reserve(OracleSequence sequence, List<OracleSequence> aside)
    {
        List<int> hits = _kv.CachedBlocks(sequence);
        int others = _config.Profile == OracleProfile.VllmV1Late
            ? _running.Sum(s => Math.Max(0, BlocksOf(s.KnownTokens) - s.Blocks.Count))
            : 0;
        if (!_kv.TryReserve(sequence, hits, sequence.PromptTokens, Math.Max(others, Spare)))
        {
            return OracleStop.Blocks;
        }

        sequence.CachedTokens ??= hits.Count * _config.BlockSize;
        sequence.ComputedTokens = sequence.PromptTokens;
        sequence.Kv = OracleRemoteKv.OnItsWay;
        SetAside(sequence, aside);
        Reserved!(sequence, sequence.Blocks.Count - hits.Count);
        return null;
    }

    private OracleStop? AdmitLanded(OracleSequence sequence)
    {
        if (!_kv.TryAllocate(sequence, [], 1))
        {
            return OracleStop.Blocks;
        }

        _waiting.RemoveAt(0);
        _running.Add(sequence);
        sequence.Admissions++;
        (sequence.Kv, sequence.IsDecoding) = (OracleRemoteKv.Here, true);
        AddToStep(sequence, 1, sequence.Blocks.Count);
        return null;
    }

    private int BlocksOf(int tokens) => (tokens + _config.BlockSize - 1) / _config.BlockSize;
}
