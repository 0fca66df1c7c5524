using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>Gives requests that were drawn beforehand.</summary>
public sealed class PlannedWorkload(PlannedRequests planned) : IWorkload
{
    private int _taken;

    /// <inheritdoc/>
    public SimTime? NextArrival => _taken < planned.Count ? planned.Arrivals[_taken] : null;

    /// <inheritdoc/>
    public TraceCounts? TraceCounts => null;

    /// <inheritdoc/>
    public ClientRequest Take()
    {
        int id = _taken++;
        return new ClientRequest(
            id,
            planned.Arrivals[id],
            PromptContent.OwnOf(id, planned.Lengths[id].PromptTokens),
            OutputLength.Of(planned.Lengths[id].OutputTokens),
            Labels.None);
    }

    /// <inheritdoc/>
    public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
