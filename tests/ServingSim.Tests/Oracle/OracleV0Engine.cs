namespace ServingSim.Tests.Oracle;

/// <summary>
/// vLLM's V0 engine on one replica, literally, as it is by default (core/scheduler.py and core/block_manager.py up to
/// v0.8): every step looks at every request, and blocks are counted one request after another.
/// </summary>
internal sealed class OracleV0Engine(OracleConfig config, Func<OracleStepShape, long> stepTime)
{
    private readonly List<OracleSequence> _waiting = [];
    private readonly List<OracleSequence> _running = [];
    private readonly List<OracleScheduled> _scheduled = [];
    private readonly List<int> _preempted = [];
    private readonly List<OracleSequence> _ignored = [];

    /// <summary>Those that run and those that the step ignores, in the order in which they left the queue.</summary>
    private readonly List<OracleSequence> _present = [];

    private readonly Dictionary<OracleSequence, int> _held = [];

    /// <summary>V0 has no null block, so all that can be used are all.</summary>
    private int Blocks => config.NumGpuBlocks - 1;

    private int Watermark => (int)(0.01 * Blocks);

    private int Free => Blocks - _held.Values.Sum();

    public List<OracleStep> Steps { get; } = [];

    public List<OracleSequence> Sequences { get; } = [];

    /// <summary>Runs all requests, in order of arrival, to their ends.</summary>
    public void Run(IEnumerable<OracleRequest> requests)
    {
        Queue<OracleRequest> arrivals = new(requests.OrderBy(r => r.Arrival));
        long now = 0;
        while (arrivals.Count > 0 || _waiting.Count + _running.Count > 0)
        {
            if (_waiting.Count + _running.Count == 0)
            {
                now = Math.Max(now, arrivals.Peek().Arrival);
            }

            while (arrivals.TryPeek(out OracleRequest? next) && next.Arrival <= now)
            {
                Arrive(new OracleSequence(arrivals.Dequeue(), null));
            }

            if (_waiting.Count > 0 || _running.Count > 0)
            {
                now = Step(now);
            }
        }
    }

    private void Arrive(OracleSequence sequence)
    {
        Sequences.Add(sequence);
        sequence.IsRefused = sequence.PromptTokens >= config.MaxModelLen || IsNever(sequence);
        if (!sequence.IsRefused)
        {
            _waiting.Add(sequence);
        }
    }

    private long Step(long now)
    {
        _scheduled.Clear();
        _preempted.Clear();
        _ignored.Clear();
        _present.Clear();
        _present.AddRange(_running);
        List<OracleAdmitted> admitted = [];
        SchedulePrefills(admitted);
        if (admitted.Count == 0)
        {
            ScheduleRunning();
        }

        List<OracleScheduled> decodes = _scheduled.FindAll(s => s.IsDecode);
        OracleStepShape shape = new(
            [.. _scheduled.Where(s => !s.IsDecode).Select(s => new OracleChunk(s.Tokens, 0))],
            decodes.Count,
            decodes.Sum(s => (long)s.ContextBefore + 1),
            _scheduled.Count);
        OracleStep step = new()
        {
            Index = Steps.Count,
            Start = now,
            Shape = shape,
            Duration = Math.Max(1, stepTime(shape)),
            Scheduled = [.. _scheduled],
            Admitted = admitted,
            Preempted = [.. _preempted],
            Running = [.. _present.Select(s => s.Id)],
            Waiting = [.. _waiting.Select(s => s.Id)],
            PreemptsItself = null,
            Stop = OracleStop.NobodyWaits,
            FreeBlocks = Free,
        };
        step.DeviceEnd = step.Processed = step.End;
        Steps.Add(step);
        foreach (OracleSequence sequence in _present)
        {
            if (_ignored.Contains(sequence))
            {
                Finish(sequence, step);
            }

            if (_scheduled.Find(s => s.Request == sequence.Id) is not { } part)
            {
                continue;
            }

            sequence.FirstScheduledTime ??= now;
            sequence.ComputedTokens += part.Tokens;
            sequence.AppendOutput();
            sequence.TokenTimes.Add(step.End);
            sequence.IsDecoding = true;
            step.Sampled.Add(sequence.Id);
            if (sequence.OutputTokens == sequence.Request.MaxTokens || sequence.KnownTokens == config.MaxModelLen)
            {
                Finish(sequence, step);
            }
        }

        step.FreeBlocksAfter = Free;
        return step.End;
    }

    private void Finish(OracleSequence sequence, OracleStep step)
    {
        sequence.FinishTime = step.End;
        _running.Remove(sequence);
        _held.Remove(sequence);
        step.Finished.Add(sequence.Id);
    }

    private void SchedulePrefills(List<OracleAdmitted> admitted)
    {
        int tokens = 0;
        while (_waiting.Count > 0)
        {
            OracleSequence head = _waiting[0];
            int needed = BlocksFor(head.KnownTokens);
            if (IsNever(head))
            {
                _waiting.RemoveAt(0);
                _ignored.Add(head);
                _present.Add(head);
                continue;
            }

            bool later = Free - needed < Watermark;
            bool full = tokens + head.KnownTokens > config.MaxNumBatchedTokens || _running.Count >= config.MaxNumSeqs;
            if (later || full)
            {
                return;
            }

            _waiting.RemoveAt(0);
            _running.Add(head);
            _present.Add(head);
            _held[head] = needed;
            tokens += head.KnownTokens;
            admitted.Add(new OracleAdmitted(head.Id, 0, head.KnownTokens, head.Admissions++ > 0));
            _scheduled.Add(new OracleScheduled(head.Id, head.KnownTokens, 0, IsDecode: false, []));
        }
    }

    private void ScheduleRunning()
    {
        Queue<OracleSequence> left = new(_running);
        while (left.TryDequeue(out OracleSequence? sequence))
        {
            while (Free < 1 && _running.Contains(sequence))
            {
                OracleSequence victim = _running[^1];
                left = new(left.Where(s => s != victim));
                _running.Remove(victim);
                _present.Remove(victim);
                _held.Remove(victim);
                victim.ComputedTokens = 0;
                victim.IsDecoding = false;
                victim.Preemptions++;
                _preempted.Add(victim.Id);
                _waiting.Insert(0, victim);
            }

            if (_running.Contains(sequence))
            {
                _held[sequence] = BlocksFor(sequence.KnownTokens);
                _scheduled.Add(new OracleScheduled(sequence.Id, 1, sequence.ComputedTokens, IsDecode: true, []));
            }
        }
    }

    private bool IsNever(OracleSequence sequence) => Blocks - BlocksFor(sequence.KnownTokens) < Watermark;

    private int BlocksFor(int tokens) => (tokens + config.BlockSize - 1) / config.BlockSize;
}
