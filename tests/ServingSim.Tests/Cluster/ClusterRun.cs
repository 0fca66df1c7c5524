using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Experiments.Auditing;
using ServingSim.Kernel;
using ServingSim.Tests.Engine;
using ServingSim.Tests.Oracle;

namespace ServingSim.Tests.Cluster;

/// <summary>A cluster and its client requests, run under the auditor's eyes, to the end or to a given time.</summary>
internal sealed class ClusterRun : IClusterObserver, IRouter
{
    private const int ItlClasses = 3;
    private readonly Queue<ClientRequest> _arrivals;
    private readonly SimEvent _arrival;
    private readonly Auditor _auditor;
    private readonly IRouter _router;
    private readonly IRunWatcher? _watcher;

    private ClusterRun(IEnumerable<ClientRequest> requests, PoolSpec pool, IRouter router, IRunWatcher? watcher)
    {
        (_router, _watcher, _auditor) = (router, watcher, new Auditor(Simulation, this));
        Cluster = new ServingCluster(Simulation, pool, this, client => ClassOf(client.Id), _auditor);
        _arrivals = new Queue<ClientRequest>(requests);
        _arrival = new SimEvent(Simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
        _watcher?.Begin(this);
    }

    public Simulation Simulation { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public ServingCluster Cluster { get; }

    public SortedDictionary<long, EndedRequest> Ended { get; } = [];

    /// <summary>Clients take turns in a few classes.</summary>
    public static ItlClass ClassOf(long client) => new((byte)(client % ItlClasses));

    public static ClusterRun Of(OracleScenario scenario, IRunWatcher? watcher = null, SimTime? end = null)
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
            scenario.Requests.Select(ClientOf),
            new PoolSpec("main", PoolRole.Mixed, scenario.Replicas, () => A.Parts(
                engine, scenario.Latency, LateOf(config), WaitingOf(config))),
            new RoundRobinRouter(),
            watcher,
            end);
    }

    public static ClusterRun Of(
        IEnumerable<ClientRequest> requests,
        PoolSpec pool,
        IRouter router,
        IRunWatcher? watcher = null,
        SimTime? end = null)
    {
        ClusterRun run = new(requests, pool, router, watcher);
        if (end is { } cut)
        {
            run.Simulation.RunUntil(cut);
        }
        else
        {
            while (run.Simulation.Step())
            {
            }
        }

        run._auditor.Complete(run.Cluster);
        return run;
    }

    /// <summary>The late profile's options; null in the other.</summary>
    public static VllmV1LateOptions? LateOf(OracleConfig config) => config.Profile == OracleProfile.VllmV1Late
        ? new VllmV1LateOptions(config.ReserveFullIsl, config.Watermark)
        : null;

    void IClusterObserver.Ended(EndedRequest ended) => Ended.Add(ended.Client.Id, ended);

    void IReplicaObserver.StepScheduled(Replica replica, StepPlan plan)
    {
        Observer.StepScheduled(replica, plan);
        _watcher?.StepScheduled(replica, plan);
    }

    void IReplicaObserver.StepEnded(Replica replica, StepPlan plan)
    {
        Observer.StepEnded(replica, plan);
        _watcher?.StepEnded(replica, plan);
    }

    void IReplicaObserver.TokenGaps(ItlClass itlClass, int count, SimTime gap) =>
        Observer.TokenGaps(itlClass, count, gap);

    void IReplicaObserver.FirstToken(Replica replica, Request request) => Observer.FirstToken(replica, request);

    void IReplicaObserver.Finished(Replica replica, Request request)
    {
        ((IReplicaObserver)Observer).Finished(replica, request);
        _watcher?.Finished(replica, request);
    }

    int IRouter.Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        int chosen = _router.Choose(request, replicas);
        _watcher?.Arriving(Cluster.Pool.Replicas[chosen], request);
        return chosen;
    }

    private static ClientRequest ClientOf(OracleRequest request)
    {
        PromptContent prompt =
            PromptContent.Of([.. request.Prompt.Select(p => new TokenSegment(A.Stream(p.Stream), p.Tokens))]);
        return new ClientRequest(
            request.Id,
            new SimTime(request.Arrival),
            request.CacheSalt is { } salt ? prompt.WithSalt(long.Parse(salt)) : prompt,
            OutputLength.Of(request.MaxTokens),
            Labels.None)
        {
            Priority = request.Priority,
            PredictedOutputTokens = request.PredictedTokens,
        };
    }

    private static IWaitingQueue WaitingOf(OracleConfig config)
    {
        LengthOrderOptions options = new(config.Length switch
        {
            OracleLength.Prompt => LengthMeasure.PromptTokens,
            OracleLength.PredictedOutput => LengthMeasure.PredictedOutputTokens,
            _ => LengthMeasure.PredictedTotalTokens,
        });
        return config.Policy switch
        {
            OraclePolicy.Fcfs => new FcfsQueue(),
            OraclePolicy.Priority => new PriorityQueuePolicy(),
            OraclePolicy.ShortestFirst => LengthOrderQueue.ShortestFirst(options),
            _ => LengthOrderQueue.LongestFirst(options),
        };
    }

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
