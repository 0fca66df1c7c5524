using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>
/// A workload on a cluster whose requests go into histograms and nowhere else: what the engine itself costs.
/// </summary>
public sealed class EngineRun : IClusterObserver, IDisposable
{
    private readonly Simulation _simulation = new();
    private readonly IWorkload _workload;
    private readonly ServingCluster _cluster;
    private readonly SimEvent _arrival;
    private readonly Latencies _latencies = new();

    private EngineRun(Scenario scenario, IWorkload workload)
    {
        _workload = workload;
        _cluster = new ServingCluster(
            _simulation,
            ClusterBuilder.SpecOf(scenario.Cluster, new RandomStreams(scenario.Seed)),
            (_, _) => default,
            this);
        _arrival = new SimEvent(_simulation.AddSource("workload"), Phase.Arrival, Arrive);
    }

    /// <summary>Runs a synthetic scenario, made up as it goes, until its last request has ended.</summary>
    public static RunFigures Run(Scenario scenario)
    {
        RandomStreams streams = new(scenario.Seed);
        return Run(scenario, new SyntheticWorkload(
            scenario.Workload.Arrivals!.Create(streams),
            PlannedRequests.LengthsOf(scenario, streams),
            Labels.None,
            streams,
            new WorkloadLimits(scenario.Duration, scenario.Requests),
            scenario.Workload.Source.Options as SyntheticOptions));
    }

    /// <summary>Runs a scenario's cluster on a workload until its last request has ended.</summary>
    public static RunFigures Run(Scenario scenario, IWorkload workload)
    {
        using EngineRun run = new(scenario, workload);
        run.ScheduleArrival();
        while (run._simulation.Step())
        {
        }

        List<Replica> replicas = [.. run._cluster.Replicas];
        return new RunFigures(
            run._cluster.EndedCount,
            replicas.Sum(r => r.Statistics.Steps),
            run._simulation.EventCount,
            replicas.Sum(r => r.Statistics.Preemptions))
        {
            Tokens = replicas.Sum(r => r.Statistics.PrefillTokens + r.Statistics.DecodeTokens),
            Gaps = (run._latencies.Itl.Count, run._latencies.Itl.SumTicks),
            Checksum = run._latencies.Checksum,
        };
    }

    /// <summary>Gives back the workload.</summary>
    public void Dispose() => _workload.Dispose();

    /// <inheritdoc/>
    public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
        _latencies.Itl.Record(steps.First, steps.DifferenceTicks, steps.Count, count);

    /// <inheritdoc/>
    public void Ended(EndedRequest ended)
    {
        if (ended.Attempt is { FirstToken: { } first, Finished: { } last } request)
        {
            _latencies.Finished(ended.Client.Id, request.Arrival, first, last);
        }
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
