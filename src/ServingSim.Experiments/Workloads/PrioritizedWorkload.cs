using ServingSim.Cluster;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Another workload, a number added to the priority of every request.</summary>
internal sealed class PrioritizedWorkload(IWorkload inner, int priority) : IWorkload
{
    public SimTime? NextArrival => inner.NextArrival;

    public TraceCounts? TraceCounts => inner.TraceCounts;

    public ClientRequest Take()
    {
        ClientRequest request = inner.Take();
        return request with { Priority = request.Priority + priority };
    }

    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens) =>
        inner.OnFinished(request, outcome, at, outputTokens);

    public void Dispose() => inner.Dispose();
}
