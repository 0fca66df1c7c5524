using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>Options of <c>distserve</c>.</summary>
/// <param name="WaitingBlocksShare">
/// A decode replica takes no further request while those that it has taken and does not run yet hold this share of its
/// blocks or more (waiting_block_prop_threshold).
/// </param>
public sealed record DistServeOptions(double WaitingBlocksShare = 0.05) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(WaitingBlocksShare is > 0 and <= 1))
        {
            yield return (nameof(WaitingBlocksShare), $"found {WaitingBlocksShare}, expected more than 0, at most 1");
        }
    }
}

/// <summary>
/// DistServe (OSDI'24): prefilled requests wait in a bridge queue, their KV where it is, until the decode replica
/// chosen for them has room: few of its blocks wait, and theirs fit. Then it pulls their KV and goes on with the second
/// token. The head of a bridge queue blocks those behind it.
/// </summary>
public sealed class DistServeHandoff(DistServeOptions options) : IHandoff
{
    private readonly Dictionary<ReplicaView, LinkedList<Handover>> _bridges = [];

    /// <inheritdoc/>
    public bool ForwardsFirstToken => true;

    /// <inheritdoc/>
    public SimTime? PinTimeout => null;

    /// <inheritdoc/>
    public void Offer(Handover handover)
    {
        ReplicaView decode = handover.To!;
        if (!_bridges.TryGetValue(decode, out LinkedList<Handover>? bridge))
        {
            _bridges.Add(decode, bridge = new LinkedList<Handover>());
        }

        bridge.AddLast(handover);
        decode.WaitingForRoom++;
        TryAgain(decode);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<Handover> WaitingFor(ReplicaView decode) =>
        _bridges.TryGetValue(decode, out LinkedList<Handover>? bridge) ? bridge : [];

    /// <inheritdoc/>
    public void TryAgain(ReplicaView decode)
    {
        LinkedList<Handover> bridge = _bridges[decode];
        while (bridge.First is { } head && HasRoom(decode.Replica) && head.Value.TryPull())
        {
            bridge.RemoveFirst();
            decode.WaitingForRoom--;
        }

        decode.Replica.WaitForRoom(bridge.First?.Value.Client.Prompt);
    }

    /// <inheritdoc/>
    public void Forget(Handover handover)
    {
        if (handover.To is { } decode
            && _bridges.TryGetValue(decode, out LinkedList<Handover>? bridge)
            && bridge.Remove(handover))
        {
            decode.WaitingForRoom--;

            // Another may stand at the head, and there may be room for it when the present step ends
            decode.Replica.WaitForRoom(bridge.First?.Value.Client.Prompt);
        }
    }

    /// <summary>Few of its blocks are held by requests that it has taken and does not run yet.</summary>
    private bool HasRoom(Replica replica)
    {
        ReplicaState state = replica.State;
        int waiting = state.Remote.Loading.Sum(request => state.Kv.BlocksFor(request.ComputedTokens));
        return replica.IsUp && waiting < options.WaitingBlocksShare * (state.Kv.TotalBlocks - 1);
    }
}
