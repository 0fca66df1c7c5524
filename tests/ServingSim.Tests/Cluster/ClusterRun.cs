using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Engine;
using ServingSim.Tests.Oracle;

namespace ServingSim.Tests.Cluster;

/// <summary>A cluster and its client requests, run to the end.</summary>
internal sealed class ClusterRun : IClusterObserver
{
    private readonly Queue<ClientRequest> _arrivals;
    private readonly SimEvent _arrival;

    private ClusterRun(IEnumerable<ClientRequest> requests, PoolSpec pool, IRouter router)
    {
        Cluster = new ServingCluster(Simulation, pool, router, _ => default, this);
        _arrivals = new Queue<ClientRequest>(requests);
        _arrival = new SimEvent(Simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
    }

    public Simulation Simulation { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public ServingCluster Cluster { get; }

    public SortedDictionary<long, EndedRequest> Ended { get; } = [];

    public static ClusterRun Of(OracleScenario scenario)
    {
        OracleConfig config = scenario.Config;
        EngineConfig engine = A.Config(
            config.NumGpuBlocks,
            config.BlockSize,
            config.MaxNumBatchedTokens,
            config.MaxNumSeqs,
            config.MaxModelLen,
            config.EnableChunkedPrefill,
            config.LongPrefillTokenThreshold,
            config.EnablePrefixCaching);
        return Of(
            scenario.Requests.Select(r => new ClientRequest(
                r.Id,
                new SimTime(r.Arrival),
                PromptContent.Of([.. r.Prompt.Select(p => new TokenSegment(A.Stream(p.Stream), p.Tokens))]),
                OutputLength.Of(r.MaxTokens),
                Labels.None)),
            new PoolSpec("main", PoolRole.Mixed, scenario.Replicas, () => A.Parts(engine, scenario.Latency)),
            new RoundRobinRouter());
    }

    public static ClusterRun Of(IEnumerable<ClientRequest> requests, PoolSpec pool, IRouter router)
    {
        ClusterRun run = new(requests, pool, router);
        while (run.Simulation.Step())
        {
        }

        return run;
    }

    void IClusterObserver.Ended(EndedRequest ended) => Ended.Add(ended.Client.Id, ended);

    void IReplicaObserver.StepScheduled(Replica replica, StepPlan plan) => Observer.StepScheduled(replica, plan);

    void IReplicaObserver.StepEnded(Replica replica, StepPlan plan) => Observer.StepEnded(replica, plan);

    void IReplicaObserver.TokenGaps(ItlClass itlClass, int count, SimTime gap) =>
        Observer.TokenGaps(itlClass, count, gap);

    void IReplicaObserver.FirstToken(Replica replica, Request request) => Observer.FirstToken(replica, request);

    void IReplicaObserver.Finished(Replica replica, Request request) =>
        ((IReplicaObserver)Observer).Finished(replica, request);

    private void Arrive()
    {
        Cluster.Submit(_arrivals.Dequeue());
        ScheduleArrival();
    }

    private void ScheduleArrival()
    {
        if (_arrivals.TryPeek(out ClientRequest? next))
        {
            Simulation.Schedule(_arrival, next.Arrival);
        }
    }
}
