using System.Collections.Concurrent;
using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster.Faults;

/// <summary>
/// Random faults, clients, health checks and routers on random small clusters, every law looked at after every event.
/// </summary>
public sealed class FaultFuzzTests
{
    private static readonly Func<IRouter>[] Routers =
    [
        () => new LeastOutstandingRouter(),
        () => new RoundRobinRouter(),
        () => new PowerOfTwoRouter(Views.Context()),
        () => new PrefixAwareRouter(new PrefixAwareOptions(BlockTokens: 2, MinMatch: 0.1), Views.Context()),
        () => new LeastLoadedRouter(new LeastLoadedOptions(), Views.Context()),
        () => new SglangCacheAwareRouter(new SglangCacheAwareOptions(CacheThreshold: 0.1)),
        () => new DynamoKvRouter(new DynamoKvOptions(new SimTime(500), UseKvEvents: false), Views.Context()),
        () => new DynamoKvRouter(new DynamoKvOptions(new SimTime(500)), Views.Context()),
        () => new LlmdRouter(new LlmdOptions(BlockTokens: 2), Views.Context()),
        () => new PredictedLatencyRouter(new PredictedLatencyOptions(TtftMs: 0.01, BlockTokens: 2), Views.Context()),
    ];

    private static Gen<SimTime> Span => Gen.OneOf(Gen.Long[1, 30], Gen.Long[1, 500], Gen.Long[1, 5000])
        .Select(ticks => new SimTime(ticks));

    private static Gen<SimTime?> PerhapsSpan =>
        Gen.Select(Gen.Bool, Span).Select((none, span) => none ? (SimTime?)null : span);

    private static Gen<ClientsSpec?> AnyClients =>
        from rules in AnyRules
        from others in AnyRules
        from none in Gen.Int[0, 4]
        select none == 0 ? null : new ClientsSpec(rules, [new LabelledClients("session", "odd", others)]);

    private static Gen<ClientRules> AnyRules =>
        from first in PerhapsSpan
        from whole in PerhapsSpan
        from patience in PerhapsSpan
        from retries in AnyRetries
        select new ClientRules(first, whole, patience, retries);

    private static Gen<RetryOptions?> AnyRetries =>
        from none in Gen.Int[0, 3]
        from backoff in Span
        from most in Span
        from causes in Gen.Int[1, 7]
        from retries in Gen.Int[1, 4]
        from multiplier in Gen.Double[1, 3]
        from jitter in Gen.Double[0, 1]
        select none == 0
            ? null
            : new RetryOptions(
                SimTime.Min(backoff, most),
                SimTime.Later(backoff, most),
                [.. Enum.GetValues<FailureCause>().Where(cause => (causes >> (int)cause & 1) == 1)],
                retries,
                multiplier,
                jitter);

    private static Gen<HealthOptions?> AnyHealth =>
        from none in Gen.Bool
        from interval in Gen.Long[1, 800]
        from share in Gen.Double[0, 1]
        from failures in Gen.Int[1, 3]
        from successes in Gen.Int[1, 3]
        select none
            ? null
            : new HealthOptions(
                new SimTime(interval), new SimTime((long)(interval * share)), failures, successes);

    /// <summary>One pool, or prefill and decode pools, or those and a mixed one.</summary>
    private static Gen<(string Name, PoolRole Role, int Replicas)[]> AnyPools =>
        from shape in Gen.Int[0, 4]
        from replicas in Gen.Int[1, 3].Array[3]
        let all = new[]
        {
            ("prefill", PoolRole.Prefill, replicas[0]), ("decode", PoolRole.Decode, replicas[1]),
            ("main", PoolRole.Mixed, replicas[2]),
        }
        select shape < 3 ? all[2..] : shape == 3 ? all[..2] : all;

    private static Gen<DisaggregationSpec> AnyDisaggregation =>
        from nixl in Gen.Bool
        from timeout in Span
        from gigabytes in Gen.OneOf(Gen.Double[0.001, 1], Gen.Double[1, 1e6])
        from latency in Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.01])
        from router in Gen.Int[0, Routers.Length - 1]
        from policy in Gen.Enum<KvLoadFailurePolicy>()
        select new DisaggregationSpec(
            nixl ? new NixlHandoff(new NixlOptions(timeout, policy)) : new DistServeHandoff(new DistServeOptions()),
            new NetworkSpec(gigabytes, latency),
            Routers[router]);

    private static Gen<FaultSpec> AnyFault((string Name, PoolRole Role, int Replicas)[] pools) =>
        from kind in Gen.Int[0, pools.Length == 1 ? 3 : 5]
        from factor in Gen.Double[1.1, 20]
        from left in Gen.OneOf(Gen.Const(0.0), Gen.Double[0.2, 0.99])
        from links in Gen.Enum<KvLinks>()
        from notice in PerhapsSpan
        from pool in Gen.Int[0, pools.Length - 1]
        from victim in Gen.Int[-1, pools[pool].Replicas - 1]
        from at in Span
        from gap in Span
        from perhaps in PerhapsSpan
        from drawn in Gen.Bool
        from between in Span
        let fault = kind switch
        {
            0 => (IFault)new Crash(new CrashOptions()),
            1 => new Crash(new CrashOptions(BrokenConnections.Hang)),
            2 => new SlowGpu(new SlowGpuOptions(factor)),
            3 => new SpotEviction(new SpotEvictionOptions(notice ?? default)),
            _ => new LinkFault(new LinkFaultOptions(left, links)),
        }
        // A link that is lost for ever, what waits for it waits for ever
        let lasts = kind > 3 ? perhaps ?? gap : perhaps
        let scheduled = lasts is { } span
            ? new ScheduledFaultsOptions([at, at + fault.Notice + span + gap], span)
            : new ScheduledFaultsOptions([at])
        select new FaultSpec(
            $"fault {kind}",
            fault,
            drawn
                ? new MtbfFaults(
                    new MtbfOptions(between, lasts), new FaultPlanContext(new RandomStreams(at.Ticks), $"{gap}"))
                : new ScheduledFaults(scheduled),
            pools[pool].Name,
            victim < 0 ? null : victim);

    /// <summary>
    /// Decode pools queue first come, first served; and in the older profile they can stand still, when a preempted
    /// request whose blocks are short stands before those whose KV has landed.
    /// </summary>
    private static OracleScenario ThatCanDecode(OracleScenario scenario) => scenario with
    {
        Config = scenario.Config with
        {
            Policy = OraclePolicy.Fcfs,
            Profile = OracleProfile.VllmV1Late,
            ReserveFullIsl = true,
        },
    };

    private static Gen<(OracleScenario Scenario, ClusterSpec Spec, string Text)> Any =>
        from drawn in Gen.OneOf(OracleScenario.AnyProfile, OracleScenario.AnyAsync)
        from shape in AnyPools
        let scenario = shape.Length == 1 ? drawn : ThatCanDecode(drawn)
        from disaggregation in AnyDisaggregation
        from router in Gen.Int[0, Routers.Length - 1]
        from clients in AnyClients
        from health in AnyHealth
        from faults in AnyFault(shape).Array[1, 4]
        from frontEnd in PerhapsSpan
        from scaling in AnyScaling.Array[3]
        let pools = PoolsOf(scenario, shape, frontEnd ?? default, scaling, maxRunSteps: 1)
        select (scenario, new ClusterSpec(pools, Routers[router])
        {
            Clients = clients,
            Health = health,
            Faults = faults,
            Random = new RandomStreams(router),
            Disaggregation = shape.Length == 1 ? null : disaggregation,
        }, $"{string.Join(", ", shape)}, {string.Join(", ", scaling)}, {disaggregation}, router {router}, "
            + $"{clients}, {health}, {frontEnd}, " + string.Join<FaultSpec>(", ", faults));

    private static PoolSpec[] PoolsOf(
        OracleScenario scenario,
        IEnumerable<(string Name, PoolRole Role, int Replicas)> pools,
        SimTime frontEnd,
        (int Initial, long ColdStart, (long At, int Replicas)[] Counts)?[] scaling,
        int maxRunSteps) =>
    [
        .. pools.Select((p, i) =>
            ClusterRun.PoolOf(p.Name, scenario.Config, scenario.Latency, p.Replicas, maxRunSteps) with
            {
                Role = p.Role,
                FrontEndTime = frontEnd,
                BlockBytes = 1000,
                LinkBytesPerS = 1_000_000_000_000,
                Replicas = scaling[i] is { } scaled ? Math.Min(scaled.Initial, p.Replicas) : p.Replicas,
                Scaling = scaling[i] is { } changes ? ScalingOf(changes.ColdStart, changes.Counts, p.Replicas) : null,
            }),
    ];

    private static Gen<(int Initial, long ColdStart, (long At, int Replicas)[] Counts)?> AnyScaling =>
        from none in Gen.Bool
        from initial in Gen.Int[1, 3]
        from cold in Gen.OneOf(Gen.Long[1, 10], Gen.Long[1, 500])
        from counts in Gen.Select(Gen.Long[1, 200], Gen.Int[1, 3]).Array[1, 8]
        select none ? ((int, long, (long, int)[])?)null : (initial, cold, counts);

    /// <summary>So many, each so long after the one before.</summary>
    private static ScalingSpec ScalingOf(long coldStart, (long After, int Replicas)[] counts, int most) => new(
        new ScheduledReplicas(new ScheduledReplicasOptions(
        [
            .. counts.Select((c, i) => new ScheduledCount(
                new SimTime(counts[..(i + 1)].Sum(before => before.After)), c.Replicas)),
        ])),
        MinReplicas: 1,
        most,
        new SimTime(coldStart));

    [Fact]
    public void Under_any_faults_nobody_is_lost_unaccounted_or_finishes_twice_and_no_block_leaks()
    {
        ConcurrentDictionary<string, int> reasons = new();
        int retried = 0;
        int recomputed = 0;
        Any.Sample(
            of =>
            {
                EveryEvent watcher = new();
                ClusterRun run = ClusterRun.Of(Clients(of.Scenario), of.Spec, watcher);
                Assert.Equal(of.Scenario.Requests.Select(r => (long)r.Id), run.Ended.Keys);
                Assert.Equal((0, 0), (run.Cluster.OpenCount, run.Cluster.BackingOffCount));
                Assert.All(run.Cluster.Replicas, replica => Assert.Equal(0, replica.State.Kv.UsedBlocks));
                Assert.All(run.Cluster.Pools.SelectMany(p => p.Views), view => Assert.Equal(
                    (0, 0, 0), (view.Outstanding, view.OutstandingPromptTokens, view.PrefillTokens)));
                AttemptCounts attempts = run.Cluster.Attempts;
                int unservable = run.Ended.Values.Count(e => e.Reason is "too_long");
                int completed = run.Ended.Values.Count(e => e.Outcome == ClientOutcome.Completed);
                Assert.Equal(
                    attempts.Begun,
                    completed + attempts.Refused + attempts.TimedOut + attempts.Lost + unservable);

                // KV that is read too late is lost without a fault, too
                bool mayFail = of.Spec.Disaggregation?.Handoff.RecomputesLostKv == false;
                int taken = run.Cluster.Faults.Sum(f => f.LostAttempts);
                Assert.True(mayFail ? taken <= attempts.Lost : taken == attempts.Lost, $"{taken} of {attempts.Lost}");
                Assert.True(watcher.Events > 0);
                foreach (EndedRequest ended in run.Ended.Values)
                {
                    string how = ended.Reason ?? $"{ended.Outcome} after {Math.Min(ended.Attempts, 2)}";
                    reasons.AddOrUpdate(how, 1, (_, count) => count + 1);
                }

                Interlocked.Add(ref retried, (int)(attempts.Begun - run.Cluster.Arrived));
                Interlocked.Add(ref recomputed, (int)attempts.RecomputedTokens);
            },
            iter: 2000,
            print: of => of.Item3 + "\n" + of.Item1);

        // Each of these must have been met, or the test shows little
        Assert.All(
            new[]
            {
                "Completed after 1", "Completed after 2", "crash", "unreachable", "no_replica", "patience", "timeout",
                "first_token_timeout", "kv_load",
            },
            how => Assert.True(reasons.GetValueOrDefault(how) > 30, $"{how}: {reasons.GetValueOrDefault(how)}"));
        Assert.True(retried > 1000 && recomputed > 100, $"{retried} retries, {recomputed} tokens computed again");
    }

    /// <summary>Runs of steps that nobody looks into give what single steps give, each of which is looked at.</summary>
    [Fact]
    public void The_same_chance_gives_the_same_run_whoever_looks() => Any.Sample(
        of =>
        {
            string watched = Told(ClusterRun.Of(Clients(of.Scenario), of.Spec, new EveryEvent()));
            Assert.Equal(watched, Told(ClusterRun.Of(Clients(of.Scenario), of.Spec)));
            PoolSpec[] inRuns =
            [
                .. of.Spec.Pools.Select(pool => ClusterRun.PoolOf(
                    pool.Name, of.Scenario.Config, of.Scenario.Latency, pool.Replicas, int.MaxValue) with
                {
                    Role = pool.Role,
                    FrontEndTime = pool.FrontEndTime,
                    BlockBytes = pool.BlockBytes,
                    LinkBytesPerS = pool.LinkBytesPerS,
                    Scaling = pool.Scaling,
                }),
            ];
            Assert.Equal(watched, Told(ClusterRun.Of(Clients(of.Scenario), of.Spec with { Pools = inRuns })));
        },
        iter: 500,
        print: of => of.Item3 + "\n" + of.Item1);

    private static IEnumerable<ClientRequest> Clients(OracleScenario scenario) => scenario.Requests.Select(request =>
        ClusterRun.ClientOf(request, request.Id % 2 == 0 ? Labels.None : new Labels([new("session", "odd")])));

    private static string Told(ClusterRun run) => string.Join('\n', run.Ended.Values.Select(e =>
        $"{e.Client.Id} {e.Outcome} {e.Reason} {e.Attempts} {e.OutputTokens} {e.Attempt?.Id} {e.Replica?.Name} "
        + $"{e.Attempt?.FirstScheduled} {e.Attempt?.FirstToken} {e.Attempt?.Finished} {run.EndedAt[e.Client.Id]}"))
        + string.Join('\n', run.Cluster.Faults.Select(f =>
            $"{f.Fault} {f.Replica} {f.At} {f.NoticedAt} {f.LostAttempts} {f.LostTokens} {f.Transfers}"))
        + $"\n{run.Cluster.Attempts.Begun} {run.Cluster.Attempts.WastedTokens} {run.Cluster.Attempts.RecomputedTokens}";

    private sealed class EveryEvent : IRunWatcher
    {
        private ClusterRun _run = null!;

        public long Events { get; private set; }

        public void Begin(ClusterRun run) => _run = run;

        public void Happened()
        {
            Events++;
            OpenRequest[] open = [.. _run.Cluster.Open()];
            Assert.Equal(_run.Cluster.OpenCount, open.Length);
            Assert.Equal(open.Length, open.Select(o => o.Client.Id).Distinct().Count());
            Assert.Equal(_run.Cluster.Arrived, _run.Ended.Count + open.Length);
            Assert.DoesNotContain(open, o => _run.Ended.ContainsKey(o.Client.Id));
            int outstanding = _run.Cluster.Pools.SelectMany(p => p.Views).Sum(v => v.Outstanding);
            Assert.Equal(outstanding, open.Count(o => o.Attempt is not null));
            Assert.True(_run.Cluster.BackingOffCount <= open.Length - outstanding);
        }
    }
}
