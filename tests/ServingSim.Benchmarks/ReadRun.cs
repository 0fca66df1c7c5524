using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;

namespace ServingSim.Benchmarks;

/// <summary>A workload whose requests are taken and forgotten.</summary>
public static class ReadRun
{
    /// <summary>Takes all requests; what is counted are the rows that they come from.</summary>
    public static RunFigures Run(LoadedScenario loaded)
    {
        using IWorkload workload = WorkloadContext.Create(loaded.Scenario, loaded.File);
        while (workload.NextArrival is not null)
        {
            workload.Take();
        }

        return new RunFigures(workload.TraceCounts!.RowsRead, 0, 0, 0);
    }
}
