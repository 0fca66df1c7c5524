using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>A synthetic workload on a cluster that nobody listens to: what the engine itself costs.</summary>
public sealed class EngineRun : IClusterObserver, IDisposable
{
    private readonly Simulation _simulation = new();
    private readonly SyntheticWorkload _workload;
    private readonly ServingCluster _cluster;
    private readonly SimEvent _arrival;

    private EngineRun(Scenario scenario)
    {
        RandomStreams streams = new(scenario.Seed);
        _workload = new SyntheticWorkload(
            scenario.Workload.Arrivals!.Create(streams),
            scenario.Workload.Lengths!.Create(streams),
            Labels.None,
            streams,
            new WorkloadLimits(scenario.Duration, scenario.Requests));
        _cluster = new ServingCluster(
            _simulation,
            ClusterBuilder.SpecOf(scenario.Cluster, streams),
            (_, _) => default,
            this);
        _arrival = new SimEvent(_simulation.AddSource("workload"), Phase.Arrival, Arrive);
    }

    /// <summary>Runs a synthetic scenario until its last request has ended.</summary>
    public static RunFigures Run(Scenario scenario)
    {
        using EngineRun run = new(scenario);
        run.ScheduleArrival();
        while (run._simulation.Step())
        {
        }

        List<Replica> replicas = [.. run._cluster.Replicas];
        return new RunFigures(
            run._cluster.EndedCount,
            replicas.Sum(r => r.Statistics.Steps),
            run._simulation.EventCount,
            replicas.Sum(r => r.Statistics.Preemptions));
    }

    /// <summary>Gives back the workload.</summary>
    public void Dispose() => _workload.Dispose();

    /// <summary>Does nothing.</summary>
    public void Ended(EndedRequest ended)
    {
    }

    private void Arrive()
    {
        _cluster.Submit(_workload.Take());
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
