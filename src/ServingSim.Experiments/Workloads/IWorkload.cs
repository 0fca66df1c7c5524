using ServingSim.Cluster;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>
/// Client requests in order of arrival, made or read as they are needed. A workload may wait for what it hears through
/// <see cref="OnFinished"/> (closed loops, sessions): then <see cref="NextArrival"/> changes after that call.
/// </summary>
public interface IWorkload : IDisposable
{
    /// <summary>When the next request arrives; null when none will, or none until something finishes.</summary>
    SimTime? NextArrival { get; }

    /// <summary>Gives the next request; <see cref="NextArrival"/> then tells of the one after.</summary>
    ClientRequest Take();

    /// <summary>
    /// Hears, once, how a request that it gave ended, when, and how many tokens it generated: fewer than it asked for
    /// where the engine's max_model_len cut it. A later prompt may quote the output, under the request's OutputId.
    /// </summary>
    void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens);

    /// <summary>What was read from a trace so far; null for a workload that reads none.</summary>
    TraceCounts? TraceCounts { get; }
}
