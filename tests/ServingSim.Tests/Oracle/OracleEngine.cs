namespace ServingSim.Tests.Oracle;

/// <summary>
/// vLLM's V1 engine on one replica, literally: every step looks at every request. Slow and obviously right, it is what
/// the fast engine is compared with (v1/core/sched/scheduler.py and v1/engine/core.py).
/// </summary>
internal sealed partial class OracleEngine
{
    /// <summary>Longer than any prefill of a test; two requests that preempt each other for ever exceed it.</summary>
    private const int MostStepsWithoutToken = 20_000;

    private readonly OracleConfig _config;
    private readonly Func<OracleStepShape, long> _stepTime;
    private readonly OracleKv _kv;
    private readonly List<OracleSequence> _sequences = [];
    private readonly List<OracleSequence> _waiting = [];
    private readonly List<OracleSequence> _running = [];
    private readonly List<OracleStep> _steps = [];
    private readonly Queue<(OracleStep Step, List<(OracleSequence Sequence, bool Samples)> Parts)> _inFlight = new();
    private readonly List<(OracleSequence Sequence, OracleScheduled Part)> _scheduled = [];
    private readonly List<OracleAdmitted> _admitted = [];
    private readonly List<int> _preempted = [];
    private OracleStop _stop;
    private int? _preemptsItself;
    private int _budget;
    private int _stepsWithoutToken;

    /// <summary>An idle engine at tick 0.</summary>
    /// <param name="config">What vLLM's configuration says.</param>
    /// <param name="stepTime">How long a step of this shape lasts, in ticks.</param>
    public OracleEngine(OracleConfig config, Func<OracleStepShape, long> stepTime)
    {
        config.Validate();
        (_config, _stepTime, _kv) = (config, stepTime, new OracleKv(config));
    }

    /// <summary>How much of a step's time passes on the host; none unless told.</summary>
    public Func<OracleStepShape, long> HostTime { get; init; } = _ => 0;

    /// <summary>Simulated ticks so far.</summary>
    public long Now { get; private set; }

    public bool CachesPrefixes => _config.EnablePrefixCaching;

    public int UsableBlocks => _config.NumGpuBlocks - 1;

    /// <summary>Whether no request waits or runs.</summary>
    public bool IsIdle => _waiting.Count + _running.Count == 0;

    /// <summary>Every request that arrived, refused ones included, in order of arrival.</summary>
    public IReadOnlyList<OracleSequence> Sequences => _sequences;

    public IReadOnlyList<OracleStep> Steps => _steps;

    /// <summary>Ticks with a step in flight.</summary>
    public long Busy { get; private set; }

    /// <summary>∫ used blocks dt, in block ticks.</summary>
    public Int128 UsedBlockTicks { get; private set; }

    /// <summary>∫ running requests dt, in request ticks.</summary>
    public Int128 RunningTicks { get; private set; }

    /// <summary>∫ waiting requests dt, in request ticks.</summary>
    public Int128 WaitingTicks { get; private set; }

    /// <summary>How many registered blocks were taken for other tokens.</summary>
    public long Evictions => _kv.Evictions;

    /// <summary>How many blocks were registered while another held the same tokens.</summary>
    public long Duplicates => _kv.Duplicates;

    /// <summary>The free blocks from the front, which is taken next, to the back.</summary>
    public IEnumerable<int> FreeQueue => _kv.FreeQueue;

    /// <summary>
    /// Runs until all requests have finished. Those that arrive at one tick queue in the given order.
    /// </summary>
    public static OracleEngine Run(
        OracleConfig config, IEnumerable<OracleRequest> requests, Func<OracleStepShape, long> stepTime) =>
        OracleSyncLoop.Run(config, requests, stepTime);

    /// <summary>A request arrives, at its arrival tick: at the step's start, or while the step is in flight.</summary>
    public void Queue(OracleRequest request)
    {
        AdvanceTo(request.Arrival);
        OracleSequence sequence = _kv.Sequence(request);
        _sequences.Add(sequence);
        if (sequence.PromptTokens >= _config.MaxModelLen)
        {
            sequence.IsRefused = true;
        }
        else
        {
            OracleQueue.Add(_waiting, sequence, _config);
        }
    }

    /// <summary>Decides a step at the present tick; everything but its tokens takes effect at once.</summary>
    /// <returns>Null where nothing can be computed until blocks or KV come from outside.</returns>
    public OracleStep? BeginStep()
    {
        DropAborted();
        _scheduled.Clear();
        _admitted.Clear();
        _preempted.Clear();
        _preemptsItself = null;
        _budget = _config.MaxNumBatchedTokens;
        ScheduleRunning();
        _stop = _preempted.Count == 0 ? ScheduleWaiting() : OracleStop.Preemption;

        bool isPipeline = _config.Stages.Count > 0;
        if (_scheduled.Count + _preempted.Count == 0 && (AwaitsOthers || (isPipeline && _inFlight.Count > 0)))
        {
            return null;
        }

        if (_scheduled.Count + _preempted.Count + _inFlight.Count == 0)
        {
            throw new InvalidOperationException($"nothing can ever run: {_waiting.Count} requests wait");
        }

        foreach ((OracleSequence sequence, OracleScheduled part) in _scheduled)
        {
            sequence.ComputedTokens += part.Tokens;
            sequence.FirstScheduledTime ??= Now;
        }

        OracleStepShape shape = OracleStepShape.Of(
            [.. _scheduled.Select(entry => entry.Part)],
            _scheduled.Count(entry =>
                entry.Sequence.ComputedTokens == entry.Sequence.KnownTokens + entry.Sequence.Placeholders));
        List<(OracleSequence Sequence, bool Samples)> parts = [];
        foreach ((OracleSequence sequence, _) in _scheduled)
        {
            bool samples = sequence.ComputedTokens == sequence.KnownTokens + sequence.Placeholders;
            sequence.Placeholders += samples && !isPipeline ? 1 : 0;
            sequence.AwaitsToken |= samples && isPipeline;
            sequence.IsDecoding |= samples;
            parts.Add((sequence, samples));
        }

        long time = _stepTime(shape);
        OracleStep step = new()
        {
            Index = _steps.Count,
            Start = Now,
            Shape = shape,
            Duration = _scheduled.Count > 0 ? time : Math.Max(1, time),
            Host = HostTime(shape),
            DeviceEnd = Now + time,
            Scheduled = [.. _scheduled.Select(entry => entry.Part)],
            Admitted = [.. _admitted],
            Preempted = [.. _preempted],
            Running = [.. _running.Select(sequence => sequence.Id)],
            Waiting = [.. _waiting.Select(sequence => sequence.Id)],
            PreemptsItself = _preemptsItself,
            Stop = _stop,
            FreeBlocks = _kv.FreeBlocks,
        };
        _steps.Add(step);
        _inFlight.Enqueue((step, parts));
        return step;
    }

    /// <summary>
    /// The oldest step in flight has ended: tokens appear, and requests that are complete release their blocks. Of what
    /// a step computes for a request that ended meanwhile, nothing is kept.
    /// </summary>
    public void EndStep() => EndStep(_steps[^1].End);

    /// <summary>As above, at a tick.</summary>
    public void EndStep(long tick)
    {
        AdvanceTo(tick);
        DropAborted();
        (OracleStep step, List<(OracleSequence Sequence, bool Samples)> parts) = _inFlight.Dequeue();
        step.Processed = tick;
        foreach ((OracleSequence sequence, bool samples) in parts)
        {
            if (!samples || sequence.FinishTime is not null || sequence.IsDropped)
            {
                continue;
            }

            sequence.AppendOutput();
            sequence.Placeholders -= _config.Stages.Count > 0 ? 0 : 1;
            sequence.AwaitsToken = false;
            sequence.TokenTimes.Add(Now);
            step.Sampled.Add(sequence.Id);
            if (_running.Contains(sequence))
            {
                _kv.Cache(sequence, sequence.ComputedTokens - sequence.Placeholders);
            }

            if (sequence.OutputTokens == sequence.Request.EosAt
                || sequence.OutputTokens == sequence.Request.MaxTokens
                || sequence.KnownTokens == _config.MaxModelLen)
            {
                sequence.FinishTime = Now;
                _running.Remove(sequence);
                _waiting.Remove(sequence);
                if (sequence.Request.KeepsKv && sequence.Blocks.Count > 0)
                {
                    _pinned.Add(sequence);
                }
                else
                {
                    _kv.Free(sequence);
                }

                step.Finished.Add(sequence.Id);
            }
        }

        step.FreeBlocksAfter = _kv.FreeBlocks;
        _stepsWithoutToken = step.Sampled.Count > 0 ? 0 : _stepsWithoutToken + 1;
        if (_stepsWithoutToken > MostStepsWithoutToken)
        {
            throw new InvalidOperationException($"no token in the last {MostStepsWithoutToken} steps");
        }
    }

    /// <summary>Time goes on, and nothing happens.</summary>
    public void AdvanceTo(long tick)
    {
        if (tick < Now)
        {
            throw new InvalidOperationException($"the clock is at {Now}, not before {tick}");
        }

        Int128 elapsed = tick - Now;
        UsedBlockTicks += elapsed * _kv.UsedBlocks;
        RunningTicks += elapsed * _running.Count;
        WaitingTicks += elapsed * _waiting.Count;
        Busy += _inFlight.Count > 0 ? tick - Now : 0;
        Now = tick;
    }

    private void ScheduleRunning()
    {
        int index = 0;
        while (index < _running.Count && _budget > 0)
        {
            OracleSequence sequence = _running[index];
            if (sequence.Placeholders > 0
                && sequence.ComputedTokens + 2 - sequence.Placeholders
                    >= sequence.PromptTokens + sequence.Request.MaxTokens)
            {
                // With what is in flight it will have all its tokens
                index++;
                continue;
            }

            int tokens = sequence.KnownTokens + sequence.Placeholders - sequence.ComputedTokens;
            tokens = Math.Min(Chunk(tokens), _budget);
            tokens = Math.Min(tokens, _config.MaxModelLen - 1 - sequence.ComputedTokens);
            if (tokens == 0)
            {
                index++;
                continue;
            }

            int held = sequence.Blocks.Count;
            while (!_kv.TryAllocate(sequence, [], tokens))
            {
                OracleSequence victim = Victim();
                int entry = _scheduled.FindIndex(other => other.Sequence == victim);
                if (entry >= 0)
                {
                    _budget += _scheduled[entry].Part.Tokens;
                    _scheduled.RemoveAt(entry);
                    index--;
                }

                Preempt(victim);
                if (victim == sequence)
                {
                    _preemptsItself = victim.Id;
                    return;
                }
            }

            AddToStep(sequence, tokens, held);
            index++;
        }
    }

    /// <summary>Those set aside go back to the front, in their order.</summary>
    private OracleStop ScheduleWaiting()
    {
        List<OracleSequence> aside = [];
        OracleStop stop = ScheduleWaiting(aside);
        _waiting.InsertRange(0, aside);
        return stop;
    }

    private OracleStop ScheduleWaiting(List<OracleSequence> aside)
    {
        while (_waiting.Count > 0)
        {
            if (_budget == 0 || _running.Count == _config.MaxNumSeqs)
            {
                return _budget == 0 ? OracleStop.Budget : OracleStop.Seqs;
            }

            OracleSequence sequence = _waiting[0];
            OracleStop? stop = sequence.Kv switch
            {
                OracleRemoteKv.OnItsWay => SetAside(sequence, aside),
                OracleRemoteKv.Elsewhere => Reserve(sequence, aside),
                OracleRemoteKv.Landed => AdmitLanded(sequence),
                _ when sequence.AwaitsToken => OracleStop.Preemption,
                _ => Admit(sequence),
            };
            if (stop is { } reason)
            {
                return reason;
            }
        }

        return OracleStop.NobodyWaits;
    }

    private OracleStop? Admit(OracleSequence sequence)
    {
        List<int> hits = _kv.CachedBlocks(sequence);
        int hitTokens = hits.Count * _config.BlockSize;
        int tokens = Chunk(sequence.KnownTokens - hitTokens);
        if (!_config.EnableChunkedPrefill && tokens > _budget)
        {
            return OracleStop.UnsplitPrompt;
        }

        tokens = Math.Min(tokens, _budget);
        if ((_config.ReserveFullIsl && !_kv.FitsWhole(sequence, hits, Spare))
            || !_kv.TryAllocate(sequence, hits, tokens, Spare))
        {
            return OracleStop.Blocks;
        }

        _waiting.RemoveAt(0);
        _running.Add(sequence);
        _admitted.Add(new(sequence.Id, hitTokens, sequence.KnownTokens, IsResumed: sequence.Admissions > 0));
        sequence.Admissions++;
        sequence.CachedTokens ??= hitTokens;
        sequence.HitTokens += hitTokens;
        sequence.ComputedTokens = hitTokens;
        AddToStep(sequence, tokens, 0);
        return null;
    }

    private int Spare => _running.Count > 0 ? (int)(_config.Watermark * _config.NumGpuBlocks) : 0;

    private int Chunk(int tokens) => _config.LongPrefillTokenThreshold > 0
        ? Math.Min(tokens, _config.LongPrefillTokenThreshold)
        : tokens;

    private void AddToStep(OracleSequence sequence, int tokens, int blocksBefore)
    {
        List<int> newBlocks = sequence.Blocks[blocksBefore..];
        _scheduled.Add(
            (sequence, new(sequence.Id, tokens, sequence.ComputedTokens, sequence.IsDecoding, newBlocks)));
        _budget -= tokens;
    }

    /// <summary>The last admitted; under priority the least urgent, of equals the first in the running list.</summary>
    private OracleSequence Victim()
    {
        if (_config.Policy != OraclePolicy.Priority)
        {
            return _running[^1];
        }

        OracleSequence victim = _running[0];
        foreach (OracleSequence sequence in _running)
        {
            if (OraclePriorityOrder.Urgency(sequence).CompareTo(OraclePriorityOrder.Urgency(victim)) > 0)
            {
                victim = sequence;
            }
        }

        return victim;
    }

    private void Preempt(OracleSequence victim)
    {
        _running.Remove(victim);
        _kv.Free(victim);
        _preempted.Add(victim.Id);
        victim.ComputedTokens = 0;
        victim.IsDecoding = false;
        victim.Preemptions++;
        OracleQueue.PutBack(_waiting, victim, _config);
    }
}
