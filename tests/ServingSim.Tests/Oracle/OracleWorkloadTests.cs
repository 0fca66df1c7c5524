using System.Globalization;
using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Experiments;
using ServingSim.Experiments.Auditing;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// Workloads that hear how their requests end (sessions, closed loops, mixes of both) on random engines: what they
/// sent, written down, gives the same on the oracle.
/// </summary>
public sealed class OracleWorkloadTests
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly Gen<string> AnySessions =
        from rate in Gen.OneOf(Gen.Const(30), Gen.Const(300), Gen.Const(2000))
        from gap in Gen.OneOf(Gen.Const("1ms"), Gen.Const("30ms"))
        from turns in Gen.Int[1, 5]
        from context in Gen.Int[10, 60]
        from forget in Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1])
        from groups in Gen.Bool
        from lengths in AnyLengths
        select $$"""
            source:
              name: sessions
              turns: { name: uniform, min_tokens: 1, max_tokens: {{turns}} }
              gaps: { name: lognormal, median: {{gap}}, sigma: 1 }
              max_context_tokens: {{context}}
              forget_share: {{forget.ToString(Invariant)}}
              prefix_groups: {{(groups ? "{ groups: 2, tokens: 9 }" : "~")}}
            arrivals: { name: poisson, rate_per_s: {{rate}} }
            {{lengths}}
            """;

    private static readonly Gen<string> AnyClosedLoop =
        from clients in Gen.Int[1, 6]
        from think in Gen.OneOf(Gen.Const("0s"), Gen.Const("2ms"))
        from lengths in AnyLengths
        select $$"""
            source: { name: closed-loop, concurrency: {{clients}}, think_time: {{think}}, think_times: exponential }
            {{lengths}}
            """;

    private static readonly Gen<OracleScenario> AnyEngine =
        Gen.OneOf(OracleScenario.AnyProfile, OracleScenario.AnyAsync);

    private static readonly Gen<string> AnyWorkload = Gen.OneOf(
        AnySessions,
        AnyClosedLoop,
        Gen.OneOf(AnySessions, AnyClosedLoop).List[1, 3].Select(parts =>
            "source:\n  name: mix\n  parts:\n" + string.Concat(parts.Select(p => $"    -\n{Indented(p, 6)}\n"))));

    private static Gen<string> AnyLengths => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20], (prompt, output) => $$"""
        prompt_tokens: { name: uniform, min_tokens: 1, max_tokens: {{prompt}} }
        output_tokens: { name: uniform, min_tokens: 1, max_tokens: {{output}} }
        prediction: { error: 0.5 }
        """);

    [Fact]
    public void Workloads_that_wait_for_answers_equal_the_oracle_on_what_they_sent() =>
        Gen.Select(AnyWorkload, AnyEngine, Gen.Int[1, 100], Gen.OneOf(Gen.Const(0), Gen.Int[1, 50])).Sample(
            Compare,
            iter: OracleComparisonTests.Iterations(10_000));

    private static void Compare(string workload, OracleScenario engine, int seed, int frontEnd)
    {
        string text = $"schema: 1\nname: x\nseed: {seed}\nrequests: 40\nworkload:\n{Indented(workload, 2)}\n"
            + "cluster: { pools: { main: { gpu: h100-sxm, model: llama-3.1-8b, latency: roofline } } }\n";
        LoadedScenario loaded = LoadedScenario.Parse(text, "x.yaml", [], Catalog.Default);

        // Steps of some ms, so that answers, gaps and arrivals meet
        AffineLatency latency = new(
            100_000_000, engine.Latency.PrefillToken, 0, engine.Latency.ContextToken,
            HostStep: 200_000 * engine.Latency.HostStep);
        using Run run = new(
            WorkloadContext.Create(loaded.Scenario, "x.yaml"),
            ClusterRun.PoolOf("main", engine.Config, latency, engine.Replicas) with
            {
                FrontEndTime = new SimTime(10_000_000L * frontEnd),
            });
        foreach (Replica replica in run.Cluster.Replicas)
        {
            List<OracleRequest> sent = [.. run.Ended.Values.Where(e => e.Replica == replica).Select(RequestOf)];
            OracleEngine oracle = OracleComparisonTests.OracleOf(engine.Config, latency, sent);
            OracleComparisonTests.CompareSteps(oracle, run.Observer.StepsOf(replica));
            Assert.Equal(OracleTotals.Of(oracle), OracleTotals.Of(replica));
            oracle.Sequences.ToList().ForEach(s => OracleComparisonTests.CompareRequest(s, run.Ended[s.Id]));
        }
    }

    private static OracleRequest RequestOf(EndedRequest ended)
    {
        ClientRequest client = ended.Client;
        return new OracleRequest(
            (int)client.Id,
            [.. client.Prompt.Segments.ToArray().Select(s => new OracleSegment(NameOf(s.Stream), s.Tokens))],
            client.Output.Tokens,
            ended.Attempt!.Arrival.Ticks)
        {
            Priority = client.Priority,
            PredictedTokens = client.PredictedOutputTokens!.Value,
            RankTime = ended.Attempt.FrontEndArrival.Ticks,
        };
    }

    private static string NameOf(TokenStream stream) => stream.Kind switch
    {
        TokenStreamKind.Output => $"out:r{stream.Id}",
        TokenStreamKind.Shared => $"sh{stream.Id}",
        _ => $"own{stream.Id}",
    };

    private static string Indented(string text, int columns) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', columns) + line));

    /// <summary>A workload on a cluster, as a scenario runs it, to the end and under the auditor's eyes.</summary>
    private sealed class Run : IClusterObserver, IDisposable
    {
        private readonly Simulation _simulation = new();
        private readonly IWorkload _workload;
        private readonly SimEvent _arrival;

        public Run(IWorkload workload, PoolSpec pool)
        {
            _workload = workload;
            Auditor auditor = new(_simulation, this);
            Cluster = new ServingCluster(
                _simulation, new ClusterSpec([pool], () => new RoundRobinRouter()), (_, _) => default, auditor);
            _arrival = new SimEvent(_simulation.AddSource("workload"), Phase.Arrival, Arrive);
            ScheduleArrival();
            while (_simulation.Step())
            {
            }

            auditor.Complete(Cluster);
            Assert.Null(_workload.NextArrival);
        }

        public RecordingObserver Observer { get; } = new();

        public ServingCluster Cluster { get; }

        public SortedDictionary<long, EndedRequest> Ended { get; } = [];

        public void Dispose() => _workload.Dispose();

        void IClusterObserver.Ended(EndedRequest ended)
        {
            Ended.Add(ended.Client.Id, ended);
            _workload.OnFinished(
                ended.Client, ended.Outcome, _simulation.Now, ended.Attempt?.GeneratedTokens ?? 0);
            ScheduleArrival();
        }

        void IReplicaObserver.StepScheduled(Replica replica, StepPlan plan) => Observer.StepScheduled(replica, plan);

        void IReplicaObserver.StepEnded(Replica replica, StepPlan plan) => Observer.StepEnded(replica, plan);

        void IReplicaObserver.Finished(Replica replica, Request request) =>
            ((IReplicaObserver)Observer).Finished(replica, request);

        private void Arrive()
        {
            Cluster.Submit(_workload.Take());
            ScheduleArrival();
        }

        private void ScheduleArrival()
        {
            if (_workload.NextArrival is { } next)
            {
                _simulation.Schedule(_arrival, next);
            }
        }
    }
}
