using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>session-affinity</c>.</summary>
/// <param name="Label">The label whose value names a request's session.</param>
/// <param name="VirtualNodes">Points of each replica on the hash ring, as many as of consistent-hash.</param>
public sealed record SessionAffinityOptions(string Label = "session", int VirtualNodes = 160)
    : IValidated, ILabelOptions
{
    /// <inheritdoc/>
    public (string Parameter, string Label)? RequiredLabel => (nameof(Label), Label);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        HashRing.Problems(Label, VirtualNodes);
}

/// <summary>
/// All requests of a session go to one replica, by a hash ring without regard to load, as long as that replica can
/// serve them; a request without the label goes to the replica with the fewest unended requests.
/// </summary>
public sealed class SessionAffinityRouter(SessionAffinityOptions options) : IRouter
{
    private readonly HashRing _ring = new(options.VirtualNodes);
    private readonly LeastOutstandingRouter _leastOutstanding = new();

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas) =>
        request.Labels[options.Label] is { } session
            ? _ring.Walk(RoutingKeys.OfText(session), replicas).First()
            : _leastOutstanding.Choose(request, replicas);
}
