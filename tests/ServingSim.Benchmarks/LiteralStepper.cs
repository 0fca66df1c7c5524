using System.Runtime.InteropServices;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>
/// What the engine is compared with: one replica that goes through its batch in every step, as simulators do, made as
/// fast as that can be. Running requests lie side by side; a decode is two additions and a test; a step is one entry in
/// the histogram. First come first served, chunked prefill, recompute preemption, no prefix cache (profile vllm-v1).
/// </summary>
public sealed class LiteralStepper
{
    private readonly PlannedRequests _planned;
    private readonly EngineConfig _config;
    private readonly ILatencyModel _latency;
    private readonly Latencies _latencies = new();
    private readonly Running[] _running;
    private readonly Stack<Preempted> _preempted = new();
    private readonly SimTime[] _firstTokens;
    private readonly SimTime[] _lastTokens;
    private readonly List<PrefillChunk> _chunks = [];
    private readonly List<int> _samplingPrefills = [];
    private readonly int _blockShift;
    private int _count;
    private int _arrived;
    private int _freeBlocks;
    private SimTime _now;
    private long _steps;
    private long _tokens;
    private long _preemptions;

    private LiteralStepper(PlannedRequests planned, ReplicaParts parts)
    {
        (_planned, _config, _latency) = (planned, parts.Config, parts.Latency);
        Check.That(
            int.IsPow2(_config.BlockSize)
            && _config is { EnableChunkedPrefill: true, EnablePrefixCaching: false, LongPrefillTokenThreshold: 0 },
            "the stepper knows fewer options");
        _blockShift = int.Log2(_config.BlockSize);
        _freeBlocks = _config.NumGpuBlocks - 1;
        _running = new Running[_config.MaxNumSeqs];
        (_firstTokens, _lastTokens) = (new SimTime[planned.Count], new SimTime[planned.Count]);
    }

    /// <summary>Runs until the last request has finished.</summary>
    public static RunFigures Run(PlannedRequests planned, ClusterSpec cluster)
    {
        PoolSpec pool = cluster.Pools.Single();
        Check.That(pool.Replicas == 1, $"the stepper is one replica, not {pool.Replicas}");
        return new LiteralStepper(planned, pool.MakeParts()).Run();
    }

    private RunFigures Run()
    {
        while (true)
        {
            if (_count == 0 && _preempted.Count == 0)
            {
                if (_arrived == _planned.Count)
                {
                    break;
                }

                _now = SimTime.Later(_now, _planned.Arrivals[_arrived]);
            }

            Step();
        }

        return new RunFigures(_planned.Count, _steps, _steps, _preemptions)
        {
            Tokens = _tokens,
            Gaps = (_latencies.Itl.Count, _latencies.Itl.SumTicks),
            Checksum = _latencies.Checksum,
        };
    }

    private void Step()
    {
        _chunks.Clear();
        _samplingPrefills.Clear();
        int budget = _config.MaxNumBatchedTokens;
        long preemptionsBefore = _preemptions;
        bool finishes = ScheduleRunning(ref budget, out int decodes, out long context);
        if (_preemptions == preemptionsBefore)
        {
            Admit(ref budget);
        }

        int sampled = decodes + _samplingPrefills.Count;
        StepShape shape = new(CollectionsMarshal.AsSpan(_chunks), decodes, context, sampled);
        SimTime duration = SimTime.Later(_latency.TimeOf(shape).Sum, SimTime.OneTick);
        _now += duration;
        _steps++;
        _tokens += shape.Tokens;
        if (decodes > 0)
        {
            _latencies.Itl.Record(duration, decodes);
        }

        finishes |= EndPrefills();
        if (finishes)
        {
            Release();
        }
    }

    private bool ScheduleRunning(ref int budget, out int decodes, out long context)
    {
        (decodes, context) = (0, 0);
        int placeMask = _config.BlockSize - 1;
        bool finishes = false;
        for (int i = 0; i < _count && budget > 0; i++)
        {
            ref Running request = ref _running[i];
            int tokens = request.Decodes ? 1 : Math.Min(request.Known - request.Computed, budget);
            int needed = request.Decodes
                ? (request.Computed & placeMask) == 0 ? 1 : 0
                : BlocksFor(request.Computed + tokens) - BlocksFor(request.Computed);
            while (needed > _freeBlocks)
            {
                PreemptLast();
                if (i == _count)
                {
                    return finishes;
                }
            }

            _freeBlocks -= needed;
            budget -= tokens;
            if (request.Decodes)
            {
                decodes++;
                context += ++request.Computed;
                finishes |= ++request.Known == request.Limit;
            }
            else
            {
                Prefill(i, tokens);
            }
        }

        return finishes;
    }

    private void Prefill(int index, int tokens)
    {
        ref Running request = ref _running[index];
        _chunks.Add(new PrefillChunk(tokens, request.Computed));
        request.Computed += tokens;
        if (request.Computed == request.Known)
        {
            _samplingPrefills.Add(index);
        }
    }

    private void PreemptLast()
    {
        ref Running last = ref _running[--_count];
        _freeBlocks += BlocksFor(last.Computed);
        _preempted.Push(new Preempted(last.Request, last.Known));
        _preemptions++;
        if (last.Decodes)
        {
            _lastTokens[last.Request] = _now;
        }
    }

    private void Admit(ref int budget)
    {
        while (budget > 0 && _count < _config.MaxNumSeqs)
        {
            bool again = _preempted.TryPeek(out Preempted head);
            if (!again)
            {
                if (_arrived == _planned.Count || _planned.Arrivals[_arrived] > _now)
                {
                    return;
                }

                head = new Preempted(_arrived, _planned.Lengths[_arrived].PromptTokens);
            }

            int tokens = Math.Min(head.Known, budget);
            int needed = BlocksFor(tokens);
            if (needed > _freeBlocks)
            {
                return;
            }

            _ = again ? _preempted.Pop() : new Preempted(_arrived++, 0);
            int prompt = _planned.Lengths[head.Request].PromptTokens;
            Check.That(prompt < _config.MaxModelLen, $"request {head.Request} has a prompt of {prompt} tokens");
            int limit = Math.Min(_planned.Lengths[head.Request].OutputTokens + prompt, _config.MaxModelLen);
            _running[_count] = new Running { Request = head.Request, Known = head.Known, Limit = limit };
            _freeBlocks -= needed;
            budget -= tokens;
            Prefill(_count++, tokens);
        }
    }

    /// <summary>Gives prefills that are done their token; whether one of them needs no more.</summary>
    private bool EndPrefills()
    {
        bool finishes = false;
        foreach (int index in _samplingPrefills)
        {
            ref Running request = ref _running[index];
            ref SimTime first = ref _firstTokens[request.Request];
            if (first == SimTime.Zero)
            {
                first = _now;
            }
            else
            {
                _latencies.Itl.Record(_now - _lastTokens[request.Request]);
            }

            _lastTokens[request.Request] = _now;
            request.Decodes = true;
            finishes |= ++request.Known == request.Limit;
        }

        return finishes;
    }

    private void Release()
    {
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            ref Running request = ref _running[i];
            if (request.Known == request.Limit)
            {
                _freeBlocks += BlocksFor(request.Computed);
                int id = request.Request;
                _latencies.Finished(id, _planned.Arrivals[id], _firstTokens[id], _now);
            }
            else
            {
                _running[kept++] = request;
            }
        }

        _count = kept;
    }

    private int BlocksFor(int tokens) => (tokens + _config.BlockSize - 1) >> _blockShift;

    private readonly record struct Preempted(int Request, int Known);

    private struct Running
    {
        internal int Request;
        internal int Computed;
        internal int Known;
        internal int Limit;
        internal bool Decodes;
    }
}
