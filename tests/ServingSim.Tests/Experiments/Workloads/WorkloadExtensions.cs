using ServingSim.Cluster;
using ServingSim.Experiments.Workloads;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

internal static class WorkloadExtensions
{
    /// <summary>All requests of a workload that ends by itself.</summary>
    internal static List<ClientRequest> TakeAll(this IWorkload workload)
    {
        List<ClientRequest> taken = [];
        while (workload.NextArrival is { } next)
        {
            taken.Add(workload.Take());
            Assert.Equal(next, taken[^1].Arrival);
        }

        return taken;
    }
}
