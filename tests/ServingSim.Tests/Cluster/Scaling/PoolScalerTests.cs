using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Scaling;

/// <summary>What a pool does when its number of replicas changes.</summary>
public sealed class PoolScalerTests
{
    private const int StepTicks = 10;

    /// <summary>
    /// Three from 100 on with a cold start of 50: one alone serves what arrives until 150. At 300 one again: the last
    /// two take no more and finish what they have; they were paid for from 100 on.
    /// </summary>
    [Fact]
    public void A_new_replica_serves_after_its_cold_start_and_one_too_many_finishes_what_it_has()
    {
        ClusterRun run = Run(
            1, 3, 50, [(100, 3), (300, 1)], 1000,
            [(0, 5), (120, 40), (149, 40), (150, 1), (151, 30), (152, 30), (290, 30), (310, 1)]);
        Assert.Equal(
            ["main/0", "main/0", "main/0", "main/0", "main/1", "main/2", "main/1", "main/0"],
            run.Ended.Values.Select(e => e.Replica!.Name));
        Pool pool = run.Cluster.Pools[0];

        // The one of 290 joins the steps of that of 151, and ends after 30 of 10 ticks; that of 152 ends at 452
        (long one, long two) = (Last(run, "main/1"), Last(run, "main/2"));
        Assert.Equal((591, 452), (one, two));
        Assert.Equal(1000 + (one - 100) + (two - 100), (long)pool.PaidTicks(new SimTime(1000)));
        Assert.Equal(1000 + (one - 150) + (two - 150), (long)pool.ServingTicks(new SimTime(1000)));
        Assert.Equal((2, 2), (pool.ReplicasStarted, pool.ReplicasStopped));
    }

    [Fact]
    public void A_replica_that_is_still_starting_is_given_up_first()
    {
        ClusterRun run = Run(2, 3, 100, [(50, 3), (80, 2)], 500, [(200, 1), (200, 1), (200, 1)]);
        Assert.Equal(["main/0", "main/1", "main/0"], run.Ended.Values.Select(e => e.Replica!.Name));
        Pool pool = run.Cluster.Pools[0];
        Assert.Equal((2 * 500) + 30, (long)pool.PaidTicks(new SimTime(500)));
        Assert.Equal(2 * 500, (long)pool.ServingTicks(new SimTime(500)));
    }

    /// <summary>A second life of main/1 begins without what its first had cached.</summary>
    [Theory]
    [InlineData(300, 0)]
    [InlineData(1000, 64)]
    public void A_replica_begins_with_an_empty_cache(long stops, int cached)
    {
        PromptContent prompt = PromptContent.Of(new TokenSegment(TokenStream.Shared(0), 65));
        ClientRequest[] requests =
        [
            .. new[] { (0, 0L), (1, 1), (2, 500), (3, 501) }.Select(r => new ClientRequest(
                r.Item1, new SimTime(r.Item2), prompt, OutputLength.Of(2), Labels.None)),
        ];
        ClusterRun run = ClusterRun.Of(
            requests, Spec(2, 2, 10, [(stops, 1), (stops + 20, 2)]), end: new SimTime(2000));
        Assert.Equal(
            ["main/0 0", "main/1 0", "main/0 64", $"main/1 {cached}"],
            run.Ended.Values.Select(e => $"{e.Replica!.Name} {e.Attempt!.CachedTokens}"));
    }

    [Fact]
    public void No_more_is_started_than_the_gpu_budget_allows_and_what_waits_is_started_when_there_is_room()
    {
        ClusterSpec spec = Spec(1, 4, 10, [(100, 4), (200, 2), (210, 4)], gpusPerReplica: 2) with { GpuBudget = 7 };
        ClusterRun run = ClusterRun.Of(
            Requests([(150, 1), (150, 1), (150, 20), (230, 1), (230, 1), (230, 1), (400, 1), (400, 1), (400, 1)]),
            spec,
            end: new SimTime(1000));
        Pool pool = run.Cluster.Pools[0];

        // 2 + 2 + 2 GPUs of 7; at 210 main/2 still drains, until 350; then it is started again, and serves at 360
        Assert.Equal((3, 1), (pool.ReplicasStarted, pool.ReplicasStopped));
        Assert.Equal(
            ["main/0", "main/1", "main/2", "main/0", "main/1", "main/0", "main/0", "main/1", "main/2"],
            run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Equal(1000 + 900 + 900, (long)pool.PaidTicks(new SimTime(1000)));
    }

    /// <summary>
    /// As above, but from 300 on three are enough, of which two serve and one drains until 350: it is that which starts
    /// again; a wish that was taken back is none.
    /// </summary>
    [Theory]
    [InlineData(3, 3)]
    [InlineData(2, 2)]
    public void What_is_wanted_no_more_is_not_started_when_there_is_room(int wanted, int started)
    {
        ClusterSpec spec = Spec(1, 4, 10, [(100, 4), (200, 2), (210, 4), (300, wanted)], gpusPerReplica: 2);
        ClusterRun run = ClusterRun.Of(
            Requests([(150, 1), (150, 1), (150, 20)]), spec with { GpuBudget = 7 }, end: new SimTime(1000));
        Assert.Equal((started, 1), (run.Cluster.Pools[0].ReplicasStarted, run.Cluster.Pools[0].ReplicasStopped));
    }

    /// <summary>As the first of these, with looks every 10 ticks between the schedule's that decide nothing.</summary>
    [Fact]
    public void A_look_that_decides_nothing_forgets_nothing_that_waits_for_room()
    {
        ClusterSpec spec = Spec(1, 4, 10, [(100, 4), (200, 2), (210, 4)], gpusPerReplica: 2) with { GpuBudget = 7 };
        PoolSpec pool = spec.Pools[0];
        ScalingSpec scaling = pool.Scaling! with { Autoscaler = new LooksMore(pool.Scaling!.Autoscaler, 10) };
        ClusterRun run = ClusterRun.Of(
            Requests([(150, 1), (150, 1), (150, 20)]),
            spec with { Pools = [pool with { Scaling = scaling }] },
            end: new SimTime(1000));
        Assert.Equal((3, 1), (run.Cluster.Pools[0].ReplicasStarted, run.Cluster.Pools[0].ReplicasStopped));
    }

    [Fact]
    public void Limits_hold_whatever_the_autoscaler_wants()
    {
        ClusterRun run = Run(2, 3, 1, [(10, 9), (20, 1)], 100, [], min: 2);
        Pool pool = run.Cluster.Pools[0];
        Assert.Equal((1, 1), (pool.ReplicasStarted, pool.ReplicasStopped));
        Assert.Equal((2 * 100) + 10, (long)pool.PaidTicks(new SimTime(100)));
    }

    /// <summary>
    /// Under random schedules everything ends, on replicas that were meant to serve when it was sent, and a literal
    /// account of starts, services and drains agrees with what is paid for.
    /// </summary>
    [Fact]
    public void Random_schedules_lose_nobody_and_pay_what_a_literal_account_says() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 60], Gen.Int[1, 5]).Array[1, 12],
            Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12]).Array[1, 60],
            Gen.Int[1, 4],
            Gen.Int[1, 40]).Sample(
            (changes, asked, initial, coldStart) =>
            {
                List<(long, int)> counts = [];
                foreach ((int gap, int replicas) in changes)
                {
                    counts.Add((gap + (counts.Count == 0 ? 0 : counts[^1].Item1), replicas));
                }

                long at = 0;
                (long, int)[] requests = [.. asked.Select(a => (at += a.Item1, a.Item2))];
                const long End = 20_000;
                ClusterRun run = Run(initial, 5, coldStart, [.. counts], End, requests);
                Assert.Equal(requests.Length, run.Ended.Count);
                Account account = new(initial, coldStart, counts);
                foreach (EndedRequest ended in run.Ended.Values.OrderBy(e => e.Client.Arrival).ThenBy(e => e.Client.Id))
                {
                    account.Sent(
                        IndexOf(ended.Replica!), ended.Client.Arrival.Ticks, ended.Attempt!.Finished!.Value.Ticks);
                }

                Assert.Equal(account.Paid(End), (long)run.Cluster.Pools[0].PaidTicks(new SimTime(End)));
            }, iter: 1_500);

    private static int IndexOf(Replica replica) => int.Parse(
        replica.Name["main/".Length..], System.Globalization.CultureInfo.InvariantCulture);

    private static long Last(ClusterRun run, string replica) => run.Ended.Values
        .Where(e => e.Replica!.Name == replica).Max(e => e.Attempt!.Finished!.Value.Ticks);

    private static ClusterRun Run(
        int initial, int most, long coldStart, (long, int)[] counts, long end, (long, int)[] requests, int min = 1) =>
        ClusterRun.Of(Requests(requests), Spec(initial, most, coldStart, counts, min), end: new SimTime(end));

    private static ClusterSpec Spec(
        int initial, int most, long coldStart, (long At, int Replicas)[] counts, int min = 1, int gpusPerReplica = 1)
    {
        ScheduledReplicas schedule = new(new ScheduledReplicasOptions(
            [.. counts.Select(c => new ScheduledCount(new SimTime(c.At), c.Replicas))]));
        PoolSpec pool = new(
            "main", PoolRole.Mixed, initial, () => A.Parts(A.Config(), new AffineLatency(StepTicks)))
        {
            GpusPerReplica = gpusPerReplica,
            Scaling = new ScalingSpec(schedule, min, most, new SimTime(coldStart)),
        };
        return new ClusterSpec([pool], () => new LeastOutstandingRouter());
    }

    private static IEnumerable<ClientRequest> Requests((long At, int Output)[] requests) =>
        requests.Select((r, id) => new ClientRequest(
            id, new SimTime(r.At), PromptContent.OwnOf(id, 1), OutputLength.Of(r.Output), Labels.None));

    /// <summary>Looks also at every so many ticks, and decides nothing then.</summary>
    private sealed class LooksMore(IAutoscaler of, long every) : IAutoscaler
    {
        private SimTime? _decides = of.NextLook(new SimTime(-1));

        public SimTime? NextLook(SimTime after)
        {
            SimTime next = new(((after.Ticks / every) + 1) * every);
            return _decides is { } decides && decides < next ? decides : next;
        }

        public int? Wanted(PoolLoad load)
        {
            if (load.Now != _decides)
            {
                return null;
            }

            _decides = of.NextLook(load.Now);
            return of.Wanted(load);
        }
    }

    /// <summary>
    /// Replicas' lives from a schedule, told tick by tick: control comes after arrivals, and of an instant's controls
    /// the autoscaler's before the others (it was made after its members, whose events rank first).
    /// </summary>
    private sealed class Account(int initial, long coldStart, List<(long At, int Replicas)> counts)
    {
        private readonly List<(int Replica, long From, long To)> _work = [];

        public void Sent(int replica, long at, long end) => _work.Add((replica, at, end));

        public long Paid(long end)
        {
            // 0 stopped, 1 starting, 2 ready, 3 draining
            int[] stage = [.. Enumerable.Range(0, 5).Select(i => i < initial ? 2 : 0)];
            long[] since = new long[5];
            long paid = 0;
            for (long now = 0; now < end; now++)
            {
                foreach ((int replica, _, _) in _work.Where(w => w.From == now))
                {
                    Assert.Equal(2, stage[replica]);
                }

                for (int i = 0; i < 5; i++)
                {
                    stage[i] = stage[i] == 1 && since[i] + coldStart == now ? 2 : stage[i];
                    stage[i] = stage[i] == 3 && !IsBusy(i, now) ? 0 : stage[i];
                }

                foreach ((_, int wanted) in counts.Where(c => c.At == now))
                {
                    Change(wanted, stage, since, now);
                }

                paid += stage.Count(s => s > 0);
            }

            return paid;
        }

        private bool IsBusy(int replica, long now) =>
            _work.Exists(w => w.Replica == replica && w.From <= now && w.To > now);

        private void Change(int wanted, int[] stage, long[] since, long now)
        {
            while (stage.Count(s => s is 1 or 2) < wanted && Array.IndexOf(stage, 0) is >= 0 and int next)
            {
                (stage[next], since[next]) = (1, now);
            }

            while (stage.Count(s => s is 1 or 2) > wanted)
            {
                int victim = Enumerable.Range(0, 5).Where(i => stage[i] is 1 or 2)
                    .OrderBy(i => stage[i]).ThenByDescending(i => since[i]).ThenByDescending(i => i).First();
                stage[victim] = stage[victim] == 2 && IsBusy(victim, now) ? 3 : 0;
            }
        }
    }
}
