using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary>What routers see of a replica's gauges, live and scraped.</summary>
public sealed class GaugeTests
{
    private static readonly long Ms = SimTime.FromMilliseconds(1).Ticks;

    [Fact]
    public void Live_gauges_are_of_the_instant()
    {
        Witness witness = Run(null, (10, 3, 0), (10, 3, 0), (10, 3, 2), (10, 1, 40));

        // The step that begins at 0 takes the first two; the third waits at 2; all have ended by 40
        Assert.Equal([(0, 0), (1, 0), (0, 2), (0, 0)], witness.Seen.Select(g => (g.Waiting, g.Running)));
        Assert.Equal(0, witness.Seen[0].KvCacheUsage);
        Assert.Equal(2.0 / 999, witness.Seen[2].KvCacheUsage);
    }

    /// <summary>
    /// Scrapes at 0, 1, 2, … ms, between the arrivals and the step planned at that instant, known 1.5 ms later. Steps
    /// of 1 ms: requests 0 and 1 wait at 0 and run to 3 ms, request 2 still waits at 1 ms.
    /// </summary>
    [Fact]
    public void Scraped_gauges_are_those_of_the_last_reading_that_has_arrived()
    {
        ScrapeOptions scrape = new(SimTime.FromMilliseconds(1), SimTime.FromMilliseconds(1.5));
        Witness witness = Run(
            scrape,
            Ms,
            (10, 3, 0), (10, 3, 0), (10, 3, Ms / 2), (9, 1, 3 * Ms / 2), (9, 1, 5 * Ms / 2), (9, 1, 90 * Ms));
        Assert.Equal(
            [(0, 0), (0, 0), (0, 0), (2, 0), (1, 2), (0, 0)], witness.Seen.Select(g => (g.Waiting, g.Running)));
    }

    /// <summary>On random runs: what is seen is what a replica told at the last scrape that has arrived.</summary>
    [Fact]
    public void What_is_seen_is_what_was_told_at_the_scrape_before() =>
        Gen.Select(OracleScenario.Any, Gen.Long[1, 3], Gen.Long[0, 5]).Sample((scenario, interval, delay) =>
        {
            ScrapeOptions scrape = new(new SimTime(interval * Ms), new SimTime(delay * Ms / 2));
            Witness witness = new();
            Probe probe = new(scrape, scenario.Requests[^1].Arrival * Ms / 4);
            RunSlowly(scenario, scrape, witness, probe, maxRunSteps: 1);
            foreach ((SimTime at, ReplicaGauges seen) in witness.At.Zip(witness.Seen))
            {
                SimTime? read = probe.Told.Keys.Cast<SimTime?>().LastOrDefault(t => t + scrape.Delay <= at && t < at);
                Assert.Equal(read is { } time ? probe.Told[time] : default, seen);
            }
        }, iter: 300);

    /// <summary>Runs are settled before they are read, whether live or scraped.</summary>
    [Fact]
    public void Gauges_of_runs_are_those_of_their_steps() =>
        Gen.Select(OracleScenario.AnyProfile, Gen.Bool).Sample((scenario, isScraped) =>
        {
            ScrapeOptions? scrape = isScraped ? new(SimTime.FromMilliseconds(1)) : null;
            Assert.Equal(SeenIn(scenario, scrape, maxRunSteps: 1), SeenIn(scenario, scrape, int.MaxValue));
        }, iter: 1_000);

    /// <summary>The second replica stays empty; the first, in steps of 1 ms, runs its request from 0 on.</summary>
    [Fact]
    public void Scrapes_go_on_while_any_replica_has_a_request()
    {
        Witness witness = new();
        ClusterRun.Of(
            Clients([(10, 9, 0), (10, 1, (5 * Ms) + 1)]),
            new ClusterSpec([Pool(2, Ms)], () => witness) { Scrape = new ScrapeOptions(SimTime.FromMilliseconds(1)) });
        Assert.Equal([(0, 0), (0, 1)], witness.Seen.Select(g => (g.Waiting, g.Running)));
    }

    [Fact]
    public void Between_two_scrapes_all_requests_go_to_one_replica()
    {
        ScrapeOptions scrape = new(SimTime.FromMilliseconds(10));
        ClusterRun run = ClusterRun.Of(
            Clients([.. Enumerable.Range(0, 40).Select(i => (10, 90, Ms + (i * Ms / 2)))]),
            new ClusterSpec([Pool(4, Ms)], () => new LeastLoadedRouter(new LeastLoadedOptions(), Views.Context()))
            {
                Scrape = scrape,
            });

        // The first scrape is at 10 ms: before it all gauges are 0 and ties are drawn; for the next 10 ms the gauges
        // stand still, and the one that got the fewest gets all
        string[] chosen = [.. run.Ended.Values.Select(e => e.Replica!.Name)];
        KeyValuePair<string, int>[] first = [.. chosen[..19].CountBy(n => n).OrderBy(n => n.Value)];
        Assert.True(first.Length == 4 && first[0].Value < first[1].Value);
        Assert.Equal([first[0].Key], chosen[19..38].Distinct());
    }

    [Theory]
    [InlineData(LoadGauge.Requests, 2)]
    [InlineData(LoadGauge.Waiting, 0)]
    [InlineData(LoadGauge.KvCacheUsage, 1)]
    public void Least_loaded_compares_the_gauge_it_is_told_to(LoadGauge by, int chosen)
    {
        ReplicaView[] told = Views.Telling(new(0, 9, 0.5), new(4, 4, 0.1), new(3, 2, 0.9));
        LeastLoadedRouter router = new(new LeastLoadedOptions(by), Views.Context());
        Assert.Equal(chosen, router.Choose(Views.Request(0), told));
    }

    [Fact]
    public void Least_loaded_draws_among_equals()
    {
        ReplicaView[] views = Views.Idle(4);
        LeastLoadedRouter router = new(new LeastLoadedOptions(), Views.Context());
        int[] chosen = [.. Enumerable.Range(0, 4000).Select(i => router.Choose(Views.Request(i), views))];
        Assert.All(chosen.CountBy(c => c), count => Assert.InRange(count.Value, 1000 - 150, 1000 + 150));
        Assert.InRange(chosen.Zip(chosen.Skip(1)).Count(pair => pair.First == pair.Second), 1000 - 150, 1000 + 150);
    }

    private static Witness Run(ScrapeOptions? scrape, params (int Prompt, int Output, long Arrival)[] requests) =>
        Run(scrape, 10, requests);

    private static Witness Run(
        ScrapeOptions? scrape, long stepTicks, params (int Prompt, int Output, long Arrival)[] requests)
    {
        Witness witness = new();
        ClusterRun.Of(
            Clients(requests), new ClusterSpec([Pool(1, stepTicks)], () => witness) { Scrape = scrape });
        return witness;
    }

    private static PoolSpec Pool(int replicas, long stepTicks) =>
        new("main", PoolRole.Mixed, replicas, () => A.Parts(A.Config(), new AffineLatency(stepTicks)));

    private static List<ReplicaGauges> SeenIn(OracleScenario scenario, ScrapeOptions? scrape, int maxRunSteps)
    {
        Witness witness = new();
        RunSlowly(scenario, scrape, witness, null, maxRunSteps);
        return witness.Seen;
    }

    /// <summary>Four ticks of the scenario's arrivals are a millisecond, a step is a third of one.</summary>
    private static void RunSlowly(
        OracleScenario scenario, ScrapeOptions? scrape, Witness witness, Probe? probe, int maxRunSteps) =>
        ClusterRun.Of(
            scenario.Requests.Select(r => ClusterRun.ClientOf(r with { Arrival = r.Arrival * Ms / 4 }, Labels.None)),
            new ClusterSpec(
                [ClusterRun.PoolOf("main", scenario.Config, new AffineLatency(Ms / 3), 1, maxRunSteps)], () => witness)
            {
                Scrape = scrape,
            },
            probe);

    private static IEnumerable<ClientRequest> Clients((int Prompt, int Output, long Arrival)[] requests) =>
        requests.Select((r, id) => new ClientRequest(
            id, new SimTime(r.Arrival), PromptContent.OwnOf(id, r.Prompt), OutputLength.Of(r.Output), Labels.None));

    /// <summary>Chooses the first replica and writes down the gauges it saw.</summary>
    private sealed class Witness : IRouter
    {
        public List<ReplicaGauges> Seen { get; } = [];

        public List<SimTime> At { get; } = [];

        public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
        {
            Seen.Add(replicas[0].Gauges);
            At.Add(request.Arrival);
            return 0;
        }
    }

    /// <summary>Reads the replica itself wherever a scrape is due, from an event of its own.</summary>
    private sealed class Probe(ScrapeOptions scrape, long lastArrival) : IRunWatcher
    {
        public SortedDictionary<SimTime, ReplicaGauges> Told { get; } = [];

        public void Begin(ClusterRun run)
        {
            EventSource source = run.Simulation.AddSource("probe");
            long last = lastArrival / scrape.Interval.Ticks;
            for (long n = 0; n <= last; n++)
            {
                SimTime at = new(n * scrape.Interval.Ticks);
                run.Simulation.Schedule(new SimEvent(source, Phase.Control, () => Tell(run, at)), at);
            }
        }

        private void Tell(ClusterRun run, SimTime at)
        {
            Replica replica = run.Cluster.Pools[0].Replicas[0];
            replica.SettleTo(run.Simulation.Now, run.Simulation.Phase);
            Told[at] = new ReplicaGauges(
                replica.State.Waiting.Count, replica.State.RunningCount, replica.State.Kv.Usage);
        }
    }
}
