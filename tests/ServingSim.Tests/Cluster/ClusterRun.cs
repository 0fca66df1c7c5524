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
internal sealed class ClusterRun : IClusterObserver
{
    private const int ItlClasses = 3;
    private readonly Queue<ClientRequest> _arrivals;
    private readonly SimEvent _arrival;
    private readonly Auditor _auditor;
    private readonly IRunWatcher? _watcher;
    private readonly bool _isFaulty;

    private ClusterRun(IEnumerable<ClientRequest> requests, ClusterSpec spec, IRunWatcher? watcher)
    {
        (_watcher, _auditor, _isFaulty) = (watcher, new Auditor(Simulation, this), spec.Faults.Count > 0);
        Cluster = new ServingCluster(
            Simulation,
            spec with { MakeRouter = () => new WatchedRouter(spec.MakeRouter(), this) },
            (client, _) => ClassOf(client.Id),
            _auditor);
        _arrivals = new Queue<ClientRequest>(requests);
        _arrival = new SimEvent(Simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
        _watcher?.Begin(this);
    }

    public Simulation Simulation { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public ServingCluster Cluster { get; }

    public SortedDictionary<long, EndedRequest> Ended { get; } = [];

    public SortedDictionary<long, SimTime> EndedAt { get; } = [];

    /// <summary>Clients take turns in a few classes.</summary>
    public static ItlClass ClassOf(long client) => new((byte)(client % ItlClasses));

    public static ClusterRun Of(
        OracleScenario scenario, IRunWatcher? watcher = null, SimTime? end = null, int maxRunSteps = 1) => Of(
        scenario.Requests.Select(request => ClientOf(request, Labels.None)),
        PoolOf("main", scenario.Config, scenario.Latency, scenario.Replicas, maxRunSteps),
        new RoundRobinRouter(),
        watcher,
        end);

    public static PoolSpec PoolOf(
        string name, OracleConfig config, AffineLatency latency, int replicas, int maxRunSteps = 1)
    {
        EngineConfig engine = A.Config(
            config.NumGpuBlocks,
            config.BlockSize,
            config.MaxNumBatchedTokens,
            config.MaxNumSeqs,
            config.MaxModelLen,
            config.EnableChunkedPrefill,
            config.LongPrefillTokenThreshold,
            config.EnablePrefixCaching);
        engine = engine with
        {
            MaxRunSteps = maxRunSteps,
            MaxPlansInFlight = config.AsyncScheduling ? 2 : 1,
            PipelineStages = Math.Max(1, config.Stages.Count),
        };
        return new PoolSpec(
            name, PoolRole.Mixed, replicas, () => A.Parts(engine, latency, LateOf(config), WaitingOf(config)) with
            {
                Stages = config.Stages.Count == 0 ? null : new AffineStages(config.Stages),
            });
    }

    public static ClusterRun Of(
        IEnumerable<ClientRequest> requests,
        PoolSpec pool,
        IRouter router,
        IRunWatcher? watcher = null,
        SimTime? end = null) =>
        Of(requests, new ClusterSpec([pool], () => router), watcher, end);

    public static ClusterRun Of(
        IEnumerable<ClientRequest> requests, ClusterSpec spec, IRunWatcher? watcher = null, SimTime? end = null)
    {
        ClusterRun run = new(requests, spec, watcher);
        if (end is { } cut)
        {
            run.Simulation.RunUntil(cut);
        }
        else
        {
            while (run.GoesOn && run.Simulation.Step())
            {
                watcher?.Happened();
            }
        }

        run._auditor.Complete(run.Cluster);
        return run;
    }

    /// <summary>Faults may go on for ever; then what matters is over when nobody has a request any more.</summary>
    private bool GoesOn =>
        !_isFaulty
        || _arrivals.Count > 0
        || Cluster.OpenCount > 0
        || Cluster.Replicas.Any(replica => !replica.IsIdle || replica.State.Kv.UsedBlocks > 0);

    /// <summary>The late profile's options; null in the other.</summary>
    public static VllmV1LateOptions? LateOf(OracleConfig config) => config.Profile == OracleProfile.VllmV1Late
        ? new VllmV1LateOptions(config.ReserveFullIsl, config.Watermark)
        : null;

    void IClusterObserver.Ended(EndedRequest ended)
    {
        Ended.Add(ended.Client.Id, ended);
        EndedAt.Add(ended.Client.Id, Simulation.Now);
    }

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

    void IReplicaObserver.TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
        Observer.TokenGaps(itlClass, count, steps);

    void IReplicaObserver.FirstToken(Replica replica, Request request) => Observer.FirstToken(replica, request);

    void IReplicaObserver.Finished(Replica replica, Request request)
    {
        ((IReplicaObserver)Observer).Finished(replica, request);
        _watcher?.Finished(replica, request);
    }

    public static ClientRequest ClientOf(OracleRequest request, Labels labels)
    {
        PromptContent prompt =
            PromptContent.Of([.. request.Prompt.Select(p => new TokenSegment(A.Stream(p.Stream), p.Tokens))]);
        return new ClientRequest(
            request.Id,
            new SimTime(request.Arrival),
            request.CacheSalt is { } salt ? prompt.WithSalt(long.Parse(salt)) : prompt,
            OutputLength.Of(request.MaxTokens),
            labels)
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

    /// <summary>Tells the watcher what the real router chose.</summary>
    private sealed class WatchedRouter(IRouter router, ClusterRun run) : IRouter
    {
        public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
        {
            int chosen = router.Choose(request, replicas);
            run._watcher?.Arriving(replicas[chosen].Replica, request);
            return chosen;
        }
    }
}
