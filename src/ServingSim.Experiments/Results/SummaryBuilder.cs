using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Reduces the records of a run to its <see cref="Summary"/>: add every request once, the token gaps and each pool,
/// then build. The order in which requests are added does not change the result.
/// </summary>
public sealed class SummaryBuilder
{
    private readonly IReadOnlyList<string> _reportBy;
    private readonly RequestSelection _rows;
    private readonly List<RequestTally> _tallies = [];
    private readonly Memo<(string Replica, string Labels), RequestTally> _tallyOf;
    private readonly RequestTally _warmup = new(null, [], isExact: false);
    private readonly SortedDictionary<string, PoolUsage> _pools = new(StringComparer.Ordinal);
    private double? _firstArrivalS;
    private double? _lastCompletionS;
    private long _requests;
    private SummaryBlock? _all;

    /// <summary>A builder without requests.</summary>
    /// <param name="reportBy">The labels that get blocks of their own.</param>
    /// <param name="rows">
    /// Which requests get a row of their own: unless all do, latencies are not kept but sketched. All by default.
    /// </param>
    public SummaryBuilder(IReadOnlyList<string> reportBy, RequestSelection? rows = null)
    {
        (_reportBy, _rows) = (reportBy, rows ?? RequestSelection.All);
        _tallyOf = new(of => TallyOf(RequestRecord.PoolOf(of.Replica), of.Labels), new SameTexts());
    }

    /// <summary>Counts a request that has ended, or that the run's end cut off.</summary>
    public void Add(in RequestRecord request)
    {
        _requests++;
        if (request.IsWarmup)
        {
            _warmup.Add(request);
            return;
        }

        _tallyOf.Of((request.Replica, request.Labels)).Add(request);
        _firstArrivalS = Math.Min(_firstArrivalS ?? request.ArrivalS, request.ArrivalS);
        if (request.ArrivalS + request.E2eS is { } completion)
        {
            _lastCompletionS = Math.Max(_lastCompletionS ?? completion, completion);
        }
    }

    /// <summary>
    /// Where to record the gaps between tokens that requests with these labels get in this pool. Labels that are not
    /// reported make no difference. Gaps of warm-up requests are not to be recorded.
    /// </summary>
    public LatencyHistogram ItlOf(string pool, string labels) => TallyOf(pool, labels).Itl;

    /// <summary>Adds what a pool did; every pool that served a request must be added.</summary>
    public void AddPool(string pool, PoolUsage usage) => _pools.Add(pool, usage);

    /// <summary>The figures of everything added.</summary>
    public Summary Build(RunTotals totals)
    {
        Check.That(_requests == totals.Arrived, $"{totals.Arrived} requests arrived, {_requests} have a record");
        var unknown = _tallies.Find(t => t.Pool is not null && !_pools.ContainsKey(t.Pool));
        Check.That(unknown is null, $"pool '{unknown?.Pool}' served requests but was not added");
        var durationS = _lastCompletionS - _firstArrivalS is { } span && span > 0 ? span : (double?)null;
        var overall = WithUsage(Block(_tallies, durationS), [.. _pools.Values]);
        var summary = new Summary
        {
            Name = totals.Name,
            Seed = totals.Seed,
            Arrived = totals.Arrived,
            Events = totals.Events,
            Rows = _rows,
            Warmup = RequestTally.CountsOf([_warmup]),
            RefusedByReason = totals.RefusedByReason,
            Trace = totals.Trace,
            StepTimes = totals.StepTimes,
            Clients = totals.Clients,
            Faults = totals.Faults,
            Failures = totals.Failures,
            Fleet = totals.Fleet,
            Overall = overall with { TraceFailed = totals.Trace?.Failed },
            ByLabel = Enumerable.Range(0, _reportBy.Count).ToImmutableSortedDictionary(
                i => _reportBy[i],
                i => Blocks(t => t.LabelValues[i], durationS),
                StringComparer.Ordinal),
            ByPool = PoolBlocks(durationS),
        };
        Check.That(
            summary.Overall.Counts.Arrived + summary.Warmup.Arrived == summary.Arrived,
            $"{summary.Overall.Counts.Arrived} counted + {summary.Warmup.Arrived} in warm-up != {summary.Arrived}");
        return summary;
    }

    private ImmutableSortedDictionary<string, SummaryBlock> PoolBlocks(double? durationS)
    {
        var blocks = Blocks(t => t.Pool ?? Summary.None, durationS);
        foreach (var (name, usage) in _pools)
        {
            blocks = blocks.SetItem(name, WithUsage(blocks.GetValueOrDefault(name) ?? Block([], durationS), [usage]));
        }

        return blocks;
    }

    private ImmutableSortedDictionary<string, SummaryBlock> Blocks(Func<RequestTally, string> key, double? durationS) =>
        _tallies.GroupBy(key, StringComparer.Ordinal).ToImmutableSortedDictionary(
            g => g.Key, g => Block([.. g], durationS), StringComparer.Ordinal);

    private SummaryBlock Block(List<RequestTally> parts, double? durationS) =>
        parts.Count == _tallies.Count
            ? _all ??= RequestTally.BlockOf(_tallies, durationS, _pools)
            : RequestTally.BlockOf(parts, durationS, _pools);

    private static SummaryBlock WithUsage(SummaryBlock block, IReadOnlyList<PoolUsage> pools)
    {
        var blockTicks = pools.Aggregate(Int128.Zero, (sum, p) => sum + p.BlockTicks);
        var usedBlockTicks = pools.Aggregate(Int128.Zero, (sum, p) => sum + p.UsedBlockTicks);
        return block with
        {
            KvCacheUsageMean = blockTicks > 0 ? (double)usedBlockTicks / (double)blockTicks : null,
            KvCacheUsagePeak = pools.Count > 0 ? pools.Max(p => p.PeakUsage) : null,
            Steps = pools.Sum(p => p.Steps),
            StepsOutsideRange = pools.Any(p => p.StepsOutsideRange is not null)
                ? pools.Sum(p => p.StepsOutsideRange)
                : null,
        };
    }

    private RequestTally TallyOf(string? pool, string labels)
    {
        string[] values = [.. _reportBy.Select(name => LabelText.ValueOf(labels, name) ?? Summary.None)];
        var tally = _tallies.Find(t => t.Pool == pool && t.LabelValues.SequenceEqual(values));
        if (tally is null)
        {
            tally = new RequestTally(pool, values, _rows.Rows == RequestRows.All);
            _tallies.Add(tally);
        }

        return tally;
    }

    /// <summary>Texts are equal if they are one object, as those of a replica or of a set of labels are.</summary>
    private sealed class SameTexts : IEqualityComparer<(string Replica, string Labels)>
    {
        public bool Equals((string Replica, string Labels) x, (string Replica, string Labels) y) =>
            ReferenceEquals(x.Replica, y.Replica) && ReferenceEquals(x.Labels, y.Labels);

        public int GetHashCode((string Replica, string Labels) of) =>
            HashCode.Combine(RuntimeHelpers.GetHashCode(of.Replica), RuntimeHelpers.GetHashCode(of.Labels));
    }
}
