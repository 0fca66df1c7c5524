using ServingSim.Experiments.Results;
using Spectre.Console;
using Spectre.Console.Rendering;
using static ServingSim.Report.Numbers;

namespace ServingSim.Report;

/// <summary>A <see cref="Summary"/> as a person reads it at a glance, in 80 columns.</summary>
public static class SummaryTable
{
    /// <summary>The summary as something that Spectre.Console draws.</summary>
    public static IRenderable Of(Summary summary)
    {
        var parts = new List<IRenderable> { Requests(summary) };
        if (summary.RefusedByReason.Count > 0)
        {
            var reasons = string.Join(", ", summary.RefusedByReason.Select(r => $"{Whole(r.Value)} {r.Key}"));
            parts.Add(new Text($" refused, warm-up included: {reasons}\n"));
        }

        parts.Add(Latencies(summary.Overall));
        if (summary.Rows.PercentileRelativeError is { } error)
        {
            parts.Add(new Text($" percentiles are sketched: each is within {Percent(error)} of the exact one\n"));
        }

        parts.Add(Rates(summary));
        if (summary.Overall.TimeSpent is { } spent)
        {
            parts.Add(Spent(spent));
        }

        if (summary.Fleet.Count > 0)
        {
            parts.Add(Fleet(summary));
        }

        parts.AddRange(summary.StepTimes.Select(pool => StepTimes(summary, pool.Key, pool.Value)));
        if (summary.Band is { } band)
        {
            parts.Add(Band([.. band.Runs(summary).Select(run => run.Value)]));
        }

        parts.AddRange(summary.ByLabel.Select(label => Blocks($"by {label.Key}", label.Value)));
        if (summary.ByPool.Keys.Count(pool => pool != Summary.None) > 1)
        {
            parts.Add(Blocks("by pool", summary.ByPool));
        }

        if (summary.Failures is { } failures)
        {
            parts.Add(FailuresTable.Of(failures));
        }

        return new Rows(parts);
    }

    /// <summary>The summary as plain text of at most this many columns, without colours.</summary>
    public static string Text(Summary summary, int columns = 80) => PlainText.Of(Of(summary), columns);

    private static Text StepTimes(Summary summary, string pool, string source)
    {
        string name = summary.StepTimes.Count > 1 ? $"step times of {pool}" : "step times";
        SummaryBlock? block = summary.ByPool.GetValueOrDefault(pool);
        string outside = block is { StepsOutsideRange: { } count, Steps: > 0 and { } steps }
            ? $"; {Percent((double)count / steps)} of steps outside its range"
            : "";
        return new Text($" {name}: {source}{outside}\n");
    }

    /// <param name="runs">With fast, predicted and slow steps.</param>
    private static Table Band(IReadOnlyList<BandRun> runs)
    {
        var table = TextTable.Headed("band of step times", "low", "central", "high");
        foreach (var pool in runs[0].StepTimeFactors.Keys)
        {
            Add($"step times of {pool}", run => Signed(run.StepTimeFactors[pool] - 1));
        }

        Add("time to first token, p50, ms", run => Digits(run.Overall.Ttft?.P50Ms));
        Add("time to first token, p99, ms", run => Digits(run.Overall.Ttft?.P99Ms));
        Add("time per output token, p50, ms", run => Digits(run.Overall.Tpot?.P50Ms));
        Add("time per output token, p99, ms", run => Digits(run.Overall.Tpot?.P99Ms));
        Add("end to end, p99, ms", run => Digits(run.Overall.E2el?.P99Ms));
        Add("requests/s", run => Digits(run.Overall.RequestThroughput));
        Add("in SLO/s", run => Digits(run.Overall.RequestGoodput));
        Add("in SLO", run => Percent(run.Overall.Attainment));
        return table;

        void Add(string name, Func<BandRun, string> figure) =>
            TextTable.AddRow(table, [name, .. runs.Select(figure)]);
    }

    private static Table Requests(Summary summary)
    {
        var table = TextTable.Headed("requests", "arrived", "completed", "refused", "aborted", "lost", "unfinished");
        AddCounts(table, "counted", summary.Overall.Counts);
        if (summary.Warmup.Arrived > 0)
        {
            AddCounts(table, "warm-up", summary.Warmup);
        }

        return table;
    }

    private static void AddCounts(Table table, string name, RequestCounts counts) => TextTable.AddRow(
            table, name, Whole(counts.Arrived), Whole(counts.Completed), Whole(counts.Refused), Whole(counts.Aborted),
        Whole(counts.Lost), Whole(counts.Unfinished));

    private static Table Latencies(SummaryBlock block)
    {
        var table = TextTable.Headed("latency, ms", "mean", "p50", "p90", "p95", "p99");
        AddLatency(table, "time to first token", block.Ttft);
        AddLatency(table, "time per output token", block.Tpot);
        AddLatency(table, "between tokens", block.Itl);
        AddLatency(table, "end to end", block.E2el);
        return table;
    }

    private static void AddLatency(Table table, string name, LatencyStatistics? of) => TextTable.AddRow(
        table, name, Digits(of?.MeanMs), Digits(of?.P50Ms), Digits(of?.P90Ms), Digits(of?.P95Ms),
        Digits(of?.P99Ms));

    private static Table Rates(Summary summary)
    {
        var of = summary.Overall;
        var table = TextTable.Headed("rates", "", "totals", "");
        table.Columns[2].LeftAligned();
        AddPair(table, "requests/s", Digits(of.RequestThroughput), "seconds", Digits(of.DurationS));
        AddPair(table, "in SLO/s", Digits(of.RequestGoodput), "prompt tokens", Whole(of.TotalInputTokens));
        AddPair(table, "in SLO", Percent(of.Attainment), "output tokens", Whole(of.TotalOutputTokens));
        AddPair(table, "output tokens/s", Digits(of.OutputThroughput), "preemptions", Whole(of.Preemptions));
        AddPair(table, "all tokens/s", Digits(of.TotalTokenThroughput), "steps", Whole(of.Steps));
        AddPair(table, "KV usage, mean", Percent(of.KvCacheUsageMean), "events", Whole(summary.Events));
        AddPair(
            table, "KV usage, peak", Percent(of.KvCacheUsagePeak), "trace rows read", Whole(summary.Trace?.RowsRead));
        AddPair(table, "prefix tokens hit", Percent(HitRate(of)), "failed there", Whole(of.TraceFailed));
        return table;
    }

    private static Table Spent(MeanTimeSpent spent)
    {
        var table = TextTable.Headed("time spent, ms", "queue", "prefill", "transfer", "decode", "preempted");
        TextTable.AddRow(
            table, "mean of completed", Digits(spent.QueueMs), Digits(spent.PrefillMs),
            Digits(spent.TransferMs), Digits(spent.DecodeMs), Digits(spent.PreemptedMs));
        if (spent.TransferWaitMs is { } wait)
        {
            TextTable.AddRow(table, "  waiting for blocks", "", "", Digits(wait), "", "");
        }

        return table;
    }

    private static Table Fleet(Summary summary)
    {
        var table = TextTable.Headed("fleet", "GPU hours", "busy", "compute", "memory", "$ per 1M tokens", "kWh");
        foreach (var (pool, figures) in summary.Fleet)
        {
            AddFleet(table, pool, figures);
        }

        if (summary.Fleet.Count > 1)
        {
            AddFleet(table, "all", FleetFigures.Sum([.. summary.Fleet.Values]));
        }

        return table;
    }

    private static void AddFleet(Table table, string name, FleetFigures of) => TextTable.AddRow(
        table, name, Digits(of.GpuHours), Percent(of.BusyShare), Percent(of.ComputeUtilisation),
        Percent(of.BandwidthUtilisation), Digits(of.UsdPerMillionTokens), Digits(of.Kwh));

    private static void AddPair(Table table, string rate, string rateValue, string total, string totalValue) =>
        table.AddRow(new Text(rate), new Text(rateValue), new Text(total), new Text(totalValue));

    private static Table Blocks(string title, IEnumerable<KeyValuePair<string, SummaryBlock>> blocks)
    {
        var table = TextTable.Headed(title, "arrived", "failed", "TTFT p50", "p99", "TPOT p50", "p99", "in SLO");
        foreach (var (name, block) in blocks)
        {
            TextTable.AddRow(
            table, name, Whole(block.Counts.Arrived), Whole(block.Counts.Failed), Digits(block.Ttft?.P50Ms),
                Digits(block.Ttft?.P99Ms), Digits(block.Tpot?.P50Ms), Digits(block.Tpot?.P99Ms),
                Percent(block.Attainment));
        }

        return table;
    }

    private static double? HitRate(SummaryBlock block) =>
        block.PrefixCacheQueries > 0 ? (double)block.PrefixCacheHits / block.PrefixCacheQueries : null;
}
