using System.Collections.Immutable;
using ServingSim.Cluster;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>Turns what happens in a run into records, and writes them as it goes.</summary>
internal sealed class RunRecorder : IClusterObserver, IDisposable
{
    private readonly Scenario _scenario;
    private readonly SloTargets _slo;
    private readonly Action<RequestRecord>? _ended;
    private readonly SummaryBuilder _summary;
    private readonly ItlClasses _itlClasses;
    private readonly FleetAccount _fleet;
    private readonly RequestSelection _rows;
    private readonly IRowWriter<RequestRecord>? _requests;
    private readonly IRowWriter<StepRecord>? _steps;
    private readonly GoodputRecovery? _goodput;
    private readonly FailureTally? _failures;
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);

    internal RunRecorder(
        LoadedScenario loaded, ResultFolder? folder, RunOptions options, FailureTally? failures)
    {
        Scenario scenario = loaded.Scenario;
        (_scenario, _slo, _ended, _failures) = (scenario, scenario.Slo.Targets(), options.Ended, failures);
        _fleet = new FleetAccount(scenario.Cluster.Pools);
        _rows = scenario.Outputs.Selection();
        _summary = new SummaryBuilder(scenario.ReportBy, _rows);
        _itlClasses = new ItlClasses(loaded, _summary);
        _goodput = scenario.Cluster.Faults.Count > 0 ? new GoodputRecovery() : null;
        _requests = folder is null || _rows.Rows == RequestRows.None
            ? null
            : ResultTables.Requests.Open(folder, scenario.Outputs.Format);
        _steps = options.WriteSteps && folder is not null
            ? ResultTables.Steps.Open(folder, scenario.Outputs.Format)
            : null;
    }

    public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
        _itlClasses.Record(itlClass, count, steps);

    public void StepScheduled(Replica replica, StepPlan plan) => _steps?.Write(StepRecordOf(replica, plan));

    public void Ended(EndedRequest ended)
    {
        if (ended.Outcome == ClientOutcome.Refused)
        {
            _refused[ended.Reason!] = _refused.GetValueOrDefault(ended.Reason!) + 1;
        }

        _fleet.Add(ended);
        string finishReason = ended.Outcome switch
        {
            ClientOutcome.Completed when ended.Attempt!.EndedByModelLength => FinishReason.Length,
            ClientOutcome.Completed => FinishReason.Stop,
            ClientOutcome.Refused => FinishReason.Refused(ended.Reason!),
            ClientOutcome.Aborted => FinishReason.Aborted(ended.Reason!),
            _ => FinishReason.Lost(ended.Reason!),
        };
        RequestRecord record = RecordOf(
            ended.Client,
            ended.Attempts,
            ended.Handover,
            ended.Attempt,
            ended.Replica,
            ended.OutputTokens,
            finishReason,
            now: default);
        Add(record);
        if (ended.Outcome == ClientOutcome.Completed && record.SloMet != false)
        {
            _goodput?.Add(ended.Attempt!.Finished!.Value);
        }
    }

    public void Dispose()
    {
        _requests?.Dispose();
        _steps?.Dispose();
    }

    internal ItlClass ClassOf(ClientRequest request, Pool pool) => _itlClasses.Of(request, pool);

    /// <summary>Why requests were refused, and how many: "no_pool 2 (no pool serves their labels)".</summary>
    internal string ReasonsToRefuse() => string.Join(
        ", ",
        _refused.Select(r => $"{r.Key} {r.Value}" + r.Key switch
        {
            "too_long" => " (no prompt is shorter than max_model_len)",
            "no_pool" => " (no pool serves their labels)",
            _ => "",
        }));

    internal void AddUnfinished(OpenRequest open, SimTime now) => Add(RecordOf(
        open.Client,
        open.Attempts,
        open.Handover,
        open.Attempt,
        open.Replica,
        open.Attempt is { } attempt ? open.Replica!.TokensReceivedBy(attempt) : 0,
        FinishReason.Unfinished,
        now));

    internal Summary Summarise(Simulation simulation, ServingCluster cluster, Workloads.TraceCounts? trace)
    {
        foreach (Pool pool in cluster.Pools)
        {
            _summary.AddPool(pool.Name, UsageOf(pool, simulation));
        }

        return _summary.Build(new RunTotals(
            _scenario.Name, _scenario.Seed, cluster.Arrived, simulation.EventCount, trace)
        {
            RefusedByReason = _refused.ToImmutableSortedDictionary(StringComparer.Ordinal),
            StepTimes = _scenario.Cluster.Pools.ToImmutableSortedDictionary(
                p => p.Key, p => p.Value.StepTimes, StringComparer.Ordinal),
            Fleet = cluster.Pools.ToImmutableSortedDictionary(
                p => p.Name, p => _fleet.Of(p, simulation.Now), StringComparer.Ordinal),
            Clients = _scenario.Clients is null ? null : FiguresOf(cluster),
            Faults = _goodput is null
                ? null
                : new FaultFigures([.. RecordsOf(cluster, simulation.Now)], cluster.Attempts.RecomputedTokens),
            Failures = _failures?.Figures,
        });
    }

    private IEnumerable<FaultRecord> RecordsOf(ServingCluster cluster, SimTime end) => cluster.Faults.Zip(
        _goodput!.SecondsAfter(cluster.Faults.Select(fault => fault.At), end),
        (fault, backS) => new FaultRecord
        {
            Fault = fault.Fault,
            Replica = fault.Replica,
            AtS = fault.At.TotalSeconds,
            NoticedS = (fault.NoticedAt - fault.At)?.TotalSeconds,
            LastedS = (fault.EndedAt - fault.At)?.TotalSeconds,
            LostAttempts = fault.LostAttempts,
            LostTokens = fault.LostTokens,
            Transfers = fault.Transfers,
            GoodputBackS = backS,
        });

    private static ClientFigures FiguresOf(ServingCluster cluster) => new(
        cluster.Attempts.Begun,
        cluster.Attempts.Begun - cluster.Arrived,
        cluster.Attempts.Refused,
        cluster.Attempts.TimedOut,
        cluster.Attempts.Lost,
        cluster.BackingOffCount,
        cluster.Attempts.WastedTokens,
        cluster.Attempts.WastedOutputTokens);

    private static PoolUsage UsageOf(Pool pool, Simulation simulation)
    {
        Int128 usedBlockTicks = 0;
        foreach (Replica replica in pool.Replicas)
        {
            replica.SettleTo(simulation.Now, simulation.Phase);
            usedBlockTicks += replica.Statistics.UsedBlockTicks;
        }

        Int128 blockTicks = pool.ServingTicks(simulation.Now) * (pool.Replicas[0].State.Kv.TotalBlocks - 1);

        return new PoolUsage(
            usedBlockTicks,
            blockTicks,
            pool.Replicas.Max(r => (double)r.Statistics.PeakUsedBlocks / (r.State.Kv.TotalBlocks - 1)),
            pool.Replicas.Sum(r => r.Statistics.Steps),
            pool.Replicas[0].State.Config.EnablePrefixCaching,
            pool.Replicas[0].Statistics.StepsOutsideRange is null
                ? null
                : pool.Replicas.Sum(r => r.Statistics.StepsOutsideRange));
    }

    private void Add(in RequestRecord record)
    {
        if (_requests is not null && _rows.Includes(record.ClientId))
        {
            _requests.Write(record);
        }

        _summary.Add(record);
        _failures?.Add(record);
        _ended?.Invoke(record);
    }

    private RequestRecord RecordOf(
        ClientRequest client,
        int attempts,
        Handover? handover,
        Request? attempt,
        Replica? replica,
        int outputTokens,
        string finishReason,
        SimTime now)
    {
        // A request that was handed over was first scheduled where it was prefilled
        Request? first = handover?.Prefill ?? attempt;
        RequestTimes times = new(client.Arrival, first?.FirstScheduled, attempt?.FirstToken, attempt?.Finished);
        string labels = client.Labels.ToString();
        return new RequestRecord
        {
            ClientId = client.Id,
            Attempt = attempts,
            ArrivalS = client.Arrival.TotalSeconds,
            Labels = labels,
            Replica = replica?.Name ?? "",
            PromptTokens = client.PromptTokens,
            OutputTokens = outputTokens,
            CachedTokens = first?.CachedTokens ?? 0,
            QueueS = times.Queue?.TotalSeconds,
            TtftS = times.Ttft?.TotalSeconds,
            TpotS = times.TpotSeconds(outputTokens),
            E2eS = times.EndToEnd?.TotalSeconds,
            Preemptions = (attempt?.Preemptions ?? 0) + (first == attempt ? 0 : first!.Preemptions),
            PrefillReplica = handover?.Source.Name ?? "",
            TransferS = (handover?.Landed - handover?.Prefill.Finished)?.TotalSeconds,
            FinishReason = finishReason,
            IsWarmup = client.Arrival < _scenario.Warmup,
            Spent = SpentOf(times, handover, attempt),
            SloMet = _slo.Judge(labels, FinishReason.OutcomeOf(finishReason), times, outputTokens, now),
        };
    }

    private static TimeSpent? SpentOf(in RequestTimes times, Handover? handover, Request? attempt)
    {
        if (times is not { FirstScheduled: { } scheduled, FirstToken: { } first, LastToken: { } last })
        {
            return null;
        }

        SimTime queue = scheduled - times.Arrival;
        if (handover is { Prefill: { Finished: { } prefilled } prefill, Landed: { } landed })
        {
            return new TimeSpent(
                queue,
                prefilled - scheduled - prefill.Preempted,
                landed - prefilled,
                last - landed - attempt!.Preempted,
                prefill.Preempted + attempt.Preempted)
            {
                TransferWait = handover.Asked - prefilled,
            };
        }

        SimTime before = attempt!.PreemptedBeforeFirstToken;
        return new TimeSpent(
            queue,
            first - scheduled - before,
            SimTime.Zero,
            last - first - (attempt.Preempted - before),
            attempt.Preempted);
    }

    private static StepRecord StepRecordOf(Replica replica, StepPlan plan)
    {
        List<ScheduledRequest> scheduled = [];
        for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
        {
            if (plan.TokensOf(r) is > 0 and int tokens)
            {
                scheduled.Add(new ScheduledRequest(r.Id.Client, tokens));
            }
        }

        return new StepRecord(
            replica.Name,
            plan.Step,
            plan.Start,
            plan.End - plan.Start,
            scheduled,
            [.. plan.Preempted.Select(r => r.Id.Client)],
            replica.State.RunningCount,
            replica.State.Waiting.Count,
            replica.State.Kv.UsedBlocks,
            replica.State.Kv.FreeBlocks);
    }
}
