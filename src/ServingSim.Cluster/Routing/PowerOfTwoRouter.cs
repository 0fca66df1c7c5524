using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// The one with fewer unended requests of two different replicas drawn for the request's number; of equals the first
/// drawn (Mitzenmacher 2001).
/// </summary>
public sealed class PowerOfTwoRouter(RouterContext context) : IRouter
{
    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        Draws draws = context.DrawsOf(request);
        int first = draws.NextIndex(replicas.Count);
        if (replicas.Count == 1)
        {
            return first;
        }

        int second = draws.NextIndex(replicas.Count - 1);
        second += second >= first ? 1 : 0;
        return replicas[second].Outstanding < replicas[first].Outstanding ? second : first;
    }
}
