using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Experiments.Auditing;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;

namespace ServingSim.Tests.Experiments;

/// <summary>
/// Poisson arrivals at a cluster, and how long each request waited and stayed. The auditor checks Little's law, to the
/// tick.
/// </summary>
internal sealed class QueueRun : IClusterObserver
{
    private readonly Simulation _simulation = new();
    private readonly ServingCluster _cluster;
    private readonly PoissonArrivals _arrivals;
    private readonly Func<long, (int Prompt, int Output)> _lengths;
    private readonly SimEvent _arrival;
    private long _next;

    private QueueRun(
        int requests,
        double ratePerS,
        Func<long, (int Prompt, int Output)> lengths,
        PoolSpec pool,
        IRouter router)
    {
        (_lengths, Arrivals, Waits, Stays) =
            (lengths, new double[requests], new double[requests], new double[requests]);
        _arrivals = new PoissonArrivals(new PoissonOptions(ratePerS), new RandomStreams(1));
        Auditor auditor = new(_simulation, this);
        _cluster = new ServingCluster(
            _simulation, new ClusterSpec([pool], () => router), (_, _) => default, auditor);
        _arrival = new SimEvent(_simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
        while (_simulation.Step())
        {
        }

        auditor.Complete(_cluster);
    }

    /// <summary>When each request arrived, in s.</summary>
    public double[] Arrivals { get; }

    /// <summary>Seconds from arrival to the first step, in order of arrival.</summary>
    public double[] Waits { get; }

    /// <summary>Seconds from arrival to the end, in order of arrival.</summary>
    public double[] Stays { get; }

    /// <summary>Running requests of each step.</summary>
    public List<double> Running { get; } = [];

    public static QueueRun Of(
        int requests,
        double ratePerS,
        Func<long, (int Prompt, int Output)> lengths,
        Func<ReplicaParts> parts,
        int replicas = 1,
        IRouter? router = null) => new(
            requests,
            ratePerS,
            lengths,
            new PoolSpec("main", PoolRole.Mixed, replicas, parts),
            router ?? new RoundRobinRouter());

    void IReplicaObserver.StepScheduled(Replica replica, StepPlan plan) => Running.Add(replica.State.RunningCount);

    void IClusterObserver.Ended(EndedRequest ended)
    {
        Request request = ended.Attempt!;
        Arrivals[ended.Client.Id] = request.Arrival.TotalSeconds;
        Waits[ended.Client.Id] = (request.FirstScheduled!.Value - request.Arrival).TotalSeconds;
        Stays[ended.Client.Id] = (request.Finished!.Value - request.Arrival).TotalSeconds;
    }

    private void Arrive()
    {
        (int prompt, int output) = _lengths(_next);
        _cluster.Submit(new ClientRequest(
            _next, _simulation.Now, PromptContent.OwnOf(_next, prompt), OutputLength.Of(output), Labels.None));
        _next++;
        ScheduleArrival();
    }

    private void ScheduleArrival()
    {
        if (_next < Waits.Length)
        {
            _simulation.Schedule(_arrival, _arrivals.NextAfter(_simulation.Now, _next));
        }
    }
}
