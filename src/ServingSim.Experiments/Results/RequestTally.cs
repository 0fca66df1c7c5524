using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// What a summary block needs of the requests of one class: one pool and one value of each reported label.
/// </summary>
internal sealed class RequestTally(string? pool, string[] labelValues, bool isExact)
{
    private readonly long[] _outcomes = new long[Enum.GetValues<FinalOutcome>().Length];
    private readonly LatencyTally _ttft = new(isExact);
    private readonly LatencyTally _tpot = new(isExact);
    private readonly LatencyTally _e2e = new(isExact);
    private long _inputTokens;
    private long _outputTokens;
    private long _admittedPromptTokens;
    private long _cachedTokens;
    private long _preemptions;
    private long _good;
    private long _judged;
    private Int128 _queueTicks;
    private Int128 _prefillTicks;
    private Int128 _transferTicks;
    private Int128 _transferWaitTicks;
    private Int128 _decodeTicks;
    private Int128 _preemptedTicks;
    private long _spent;
    private long _handedOver;

    /// <summary>The pool that served the requests; null if none did.</summary>
    public string? Pool => pool;

    /// <summary>The value of each reported label, in the order of <c>report_by</c>.</summary>
    public string[] LabelValues => labelValues;

    /// <summary>Gaps between tokens of these requests.</summary>
    public LatencyHistogram Itl { get; } = new();

    /// <summary>Counts a request that has ended, or that the run's end cut off.</summary>
    public void Add(in RequestRecord request)
    {
        var outcome = FinishReason.OutcomeOf(request.FinishReason);
        _outcomes[(int)outcome]++;
        _preemptions += request.Preemptions;
        _judged += request.SloMet is null ? 0 : 1;
        _good += request.SloMet == true ? 1 : 0;
        if (request.QueueS is not null)
        {
            _admittedPromptTokens += request.PromptTokens;
            _cachedTokens += request.CachedTokens;
        }

        if (outcome == FinalOutcome.Completed)
        {
            _inputTokens += request.PromptTokens;
            _outputTokens += request.OutputTokens;
            AddLatencies(request);
            Add(request.Spent);
        }
    }

    /// <summary>What became of the requests of some classes.</summary>
    public static RequestCounts CountsOf(IReadOnlyList<RequestTally> parts)
    {
        long Sum(FinalOutcome outcome) => parts.Sum(p => p._outcomes[(int)outcome]);
        return new RequestCounts(
            Sum(FinalOutcome.Completed), Sum(FinalOutcome.Refused), Sum(FinalOutcome.Aborted), Sum(FinalOutcome.Lost),
            Sum(FinalOutcome.Unfinished));
    }

    /// <summary>The block of some classes together.</summary>
    /// <param name="parts">The classes.</param>
    /// <param name="durationS">The duration that rates divide by.</param>
    /// <param name="usage">What all pools did, by name.</param>
    public static SummaryBlock BlockOf(
        IReadOnlyList<RequestTally> parts, double? durationS, IReadOnlyDictionary<string, PoolUsage> usage)
    {
        var judged = parts.Sum(p => p._judged);
        var good = parts.Sum(p => p._good);
        var cached = parts.Where(p => p.Pool is not null && usage[p.Pool].HasPrefixCache).ToList();
        var itl = new LatencyHistogram();
        foreach (var part in parts)
        {
            itl.Add(part.Itl);
        }

        return new SummaryBlock
        {
            DurationS = durationS,
            Counts = CountsOf(parts),
            TraceFailed = null,
            TotalInputTokens = parts.Sum(p => p._inputTokens),
            TotalOutputTokens = parts.Sum(p => p._outputTokens),
            Good = judged > 0 ? good : null,
            Attainment = judged > 0 ? (double)good / judged : null,
            Preemptions = parts.Sum(p => p._preemptions),
            PrefixCacheQueries = cached.Sum(p => p._admittedPromptTokens),
            PrefixCacheHits = cached.Sum(p => p._cachedTokens),
            KvCacheUsageMean = null,
            KvCacheUsagePeak = null,
            Steps = null,
            Ttft = LatencyTally.Of([.. parts.Select(p => p._ttft)]),
            Tpot = LatencyTally.Of([.. parts.Select(p => p._tpot)]),
            Itl = LatencyStatistics.Of(itl),
            E2el = LatencyTally.Of([.. parts.Select(p => p._e2e)]),
            TimeSpent = MeanOf(parts),
        };
    }

    private static MeanTimeSpent? MeanOf(IReadOnlyList<RequestTally> parts)
    {
        long requests = parts.Sum(p => p._spent);
        return requests == 0
            ? null
            : new MeanTimeSpent(
                Mean(p => p._queueTicks), Mean(p => p._prefillTicks), Mean(p => p._transferTicks),
                Mean(p => p._decodeTicks), Mean(p => p._preemptedTicks))
            {
                TransferWaitMs = parts.Sum(p => p._handedOver) == 0 ? null : Mean(p => p._transferWaitTicks),
            };

        double Mean(Func<RequestTally, Int128> ticks) =>
            (double)parts.Aggregate(Int128.Zero, (sum, p) => sum + ticks(p)) / requests
            / (SimTime.TicksPerSecond / 1e3);
    }

    private void Add(TimeSpent? spent)
    {
        if (spent is { } time)
        {
            _spent++;
            _queueTicks += time.Queue.Ticks;
            _prefillTicks += time.Prefill.Ticks;
            _transferTicks += time.Transfer.Ticks;
            _transferWaitTicks += time.TransferWait?.Ticks ?? 0;
            _handedOver += time.TransferWait is null ? 0 : 1;
            _decodeTicks += time.Decode.Ticks;
            _preemptedTicks += time.Preempted.Ticks;
        }
    }

    private void AddLatencies(in RequestRecord request)
    {
        Check.That(
            request is { TtftS: not null, E2eS: not null } && (request.TpotS is not null) == (request.OutputTokens > 1),
            $"request {request.ClientId} completed without its latencies: {request}");
        _ttft.Add(request.TtftS.Value);
        _e2e.Add(request.E2eS.Value);
        if (request.TpotS is { } tpot)
        {
            _tpot.Add(tpot);
        }
    }
}
