using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// Random clusters of several pools, each with its own engine and the labels it serves, equal one oracle a replica fed
/// by a literal account of who may go where.
/// </summary>
public sealed class OraclePoolsTests
{
    private const string Label = "model";
    private static readonly string[] Models = ["a", "b", "c"];

    private static readonly Gen<Fleet> AnyFleet =
        from scenarios in Gen.OneOf(OracleScenario.AnyProfile, OracleScenario.AnyAsync).List[1, 3]
        from serves in Gen.OneOf(
            Gen.Const(new List<string>()), Gen.OneOf([.. Models.Select(Gen.Const)]).List[1, 2]).Array[3]
        from tiers in Gen.OneOf(Gen.Const((string?)null), Gen.Const("high")).Array[3]
        from models in Gen.OneOf([.. Models.Append(null).Select(Gen.Const)]).Array[30]
        from high in Gen.Bool.Array[30]
        from maxRunSteps in Gen.OneOf(Gen.Const(1), Gen.Const(int.MaxValue))
        select new Fleet(
            [
                .. scenarios.Select((s, i) =>
                    new OraclePool($"p{i}", s.Config, s.Latency, s.Replicas, serves[i], tiers[i])),
            ],
            [.. scenarios[0].Requests.Select(r => (r, models[r.Id], high[r.Id]))],
            maxRunSteps);

    [Fact]
    public void A_cluster_of_several_pools_equals_oracles_behind_a_literal_split() =>
        AnyFleet.Sample(Compare, iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void The_random_clusters_refuse_for_both_reasons_and_share_replicas_among_sets_of_pools()
    {
        PCG luck = new(1, 4);
        SortedDictionary<string, int> seen = [];
        for (int i = 0; i < 500; i++)
        {
            Fleet fleet = AnyFleet.Generate(luck, null, out _);
            Split split = new(fleet);
            bool overlaps = split.Sets.Any(a => split.Sets.Any(b => a != b && a.Intersect(b).Any()));
            foreach (string fact in split.Refused.Values.Distinct().Append(overlaps ? "overlap" : "none"))
            {
                seen[fact] = seen.GetValueOrDefault(fact) + 1;
            }
        }

        Assert.Equal(["no_pool", "none", "overlap", "too_long"], seen.Keys);
        Assert.All(seen, fact => Assert.True(fact.Value > 20, $"{fact.Key} {fact.Value} times"));
    }

    private static void Compare(Fleet fleet)
    {
        ClusterRun run = ClusterRun.Of(
            fleet.Requests.Select(r => ClusterRun.ClientOf(r.Request, LabelsOf(r.Model, r.High))),
            new ClusterSpec(
                [.. fleet.Pools.Select(pool => SpecOf(pool, fleet.MaxRunSteps))], () => new RoundRobinRouter()));
        Split split = new(fleet);
        foreach ((int id, string reason) in split.Refused)
        {
            Assert.Equal((ClientOutcome.Refused, reason), (run.Ended[id].Outcome, run.Ended[id].Reason));
        }

        foreach (Replica replica in run.Cluster.Replicas)
        {
            OraclePool pool = fleet.Pools.Single(p => replica.Name.StartsWith(p.Name, StringComparison.Ordinal));
            OracleEngine oracle = OracleComparisonTests.OracleOf(
                pool.Config, pool.Latency, split.SentTo.GetValueOrDefault(replica.Name) ?? []);
            Action<OracleEngine, IReadOnlyList<RecordedStep>> compareRuns = pool.Config.AsyncScheduling
                ? OracleAsyncTests.CompareRuns
                : OracleRunsTests.CompareRuns;
            compareRuns(oracle, run.Observer.StepsOf(replica));
            Assert.Equal(OracleTotals.Of(oracle), OracleTotals.Of(replica));
            foreach (OracleSequence sequence in oracle.Sequences)
            {
                Assert.Equal(replica, run.Ended[sequence.Id].Replica);
                OracleComparisonTests.CompareRequest(sequence, run.Ended[sequence.Id]);
            }
        }

        foreach (Pool pool in run.Cluster.Pools)
        {
            int sent = split.SentTo.Where(s => s.Key.StartsWith(pool.Name, StringComparison.Ordinal))
                .Sum(s => s.Value.Count);
            Assert.Equal((sent, sent), (pool.Arrived, pool.Completed));
        }
    }

    private static PoolSpec SpecOf(OraclePool pool, int maxRunSteps)
    {
        PoolSpec spec = ClusterRun.PoolOf(pool.Name, pool.Config, pool.Latency, pool.Replicas, maxRunSteps);
        Dictionary<string, IReadOnlyList<string>> serves = [];
        if (pool.Serves.Count > 0)
        {
            serves.Add(Label, pool.Serves);
        }

        if (pool.Tier is { } tier)
        {
            serves.Add("tier", [tier, "highest"]);
        }

        return spec with { Serves = serves };
    }

    private static Labels LabelsOf(string? model, bool high)
    {
        List<KeyValuePair<string, string>> labels = [new("tier", high ? "high" : "low")];
        if (model is not null)
        {
            labels.Add(new(Label, model));
        }

        return new Labels(labels);
    }

    private sealed record OraclePool(
        string Name,
        OracleConfig Config,
        AffineLatency Latency,
        int Replicas,
        IReadOnlyList<string> Serves,
        string? Tier);

    private sealed record Fleet(
        IReadOnlyList<OraclePool> Pools,
        IReadOnlyList<(OracleRequest Request, string? Model, bool High)> Requests,
        int MaxRunSteps)
    {
        public override string ToString() => $"runs of {MaxRunSteps}\n" + string.Join('\n', Pools) + "\n"
            + string.Join('\n', Requests.Select(r => $"{r.Request.Id} {r.Model} {r.High}"));
    }

    /// <summary>Who goes where, told literally: every set of pools takes its replicas in turns.</summary>
    private sealed class Split
    {
        private readonly Dictionary<string, int> _turns = [];
        private long _frontEnd = -1;

        public Split(Fleet fleet)
        {
            foreach ((OracleRequest request, string? model, bool high) in fleet.Requests)
            {
                List<OraclePool> serving =
                [
                    .. fleet.Pools.Where(p => p.Serves.Count == 0 || (model is not null && p.Serves.Contains(model)))
                        .Where(p => p.Tier is null || high),
                ];
                List<OraclePool> able =
                    [.. serving.Where(p => request.Prompt.Sum(s => s.Tokens) < p.Config.MaxModelLen)];
                if (able.Count == 0)
                {
                    Refused.Add(request.Id, serving.Count == 0 ? "no_pool" : "too_long");
                    continue;
                }

                string set = string.Concat(able.Select(p => p.Name[1..]));
                Sets.Add(set);
                List<string> replicas =
                    [.. able.SelectMany(p => Enumerable.Range(0, p.Replicas).Select(i => $"{p.Name}/{i}"))];
                int turn = _turns.GetValueOrDefault(set);
                _turns[set] = turn + 1;
                string chosen = replicas[turn % replicas.Count];
                SentTo.TryAdd(chosen, []);

                // The front end takes in one after another
                _frontEnd = Math.Max(request.Arrival, _frontEnd + 1);
                SentTo[chosen].Add(request with { RankTime = _frontEnd });
            }
        }

        public SortedSet<string> Sets { get; } = [];

        public Dictionary<int, string> Refused { get; } = [];

        public Dictionary<string, List<OracleRequest>> SentTo { get; } = [];
    }
}
