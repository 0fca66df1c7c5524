using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>
/// Moves KV between ports whose bandwidth concurrent transfers share fairly (max-min): the port with the least for each
/// of its transfers gives them that, then the next of what is left, and so on. A share is a whole number of bytes a
/// second, rounded down, so that a transfer ends at the same tick however often somebody looks. Whenever a transfer
/// begins or ends, or a port changes, those that share a port with it, directly or over others, are shared anew.
/// </summary>
public sealed class KvNetwork
{
    private readonly Simulation _simulation;
    private readonly EventSource _source;
    private readonly SimTime _latency;
    private readonly List<KvPort> _ports = [];
    private readonly List<KvPort> _component = [];
    private long _sharings;

    /// <summary>A network without ports.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="latency">
    /// From the wish to move something to its first byte: the handshake; at least a tick.
    /// </param>
    public KvNetwork(Simulation simulation, SimTime latency)
    {
        (_simulation, _latency) = (simulation, SimTime.Later(latency, SimTime.OneTick));
        _source = simulation.AddSource("KV network");
    }

    /// <summary>Adds a port of a bandwidth in bytes a second.</summary>
    public KvPort AddPort(long bytesPerS)
    {
        KvPort port = new(_ports.Count, bytesPerS);
        _ports.Add(port);
        return port;
    }

    /// <summary>Begins to move bytes; <paramref name="done"/> happens when all are there.</summary>
    public KvTransfer Send(KvPort from, KvPort to, long bytes, Action done)
    {
        Check.That(bytes > 0 && from != to, $"{bytes} bytes from port {from.Index} to port {to.Index}");
        KvTransfer transfer = new(from, to, bytes, done);
        transfer.Event = new SimEvent(_source, Phase.TransferEnd, () => OnEvent(transfer));
        _simulation.Schedule(transfer.Event, _simulation.Now + _latency);
        return transfer;
    }

    /// <summary>Stops a transfer that has not ended; it is never done.</summary>
    public void Cancel(KvTransfer transfer)
    {
        _simulation.Cancel(transfer.Event);
        if (transfer.Flows)
        {
            Remove(transfer);
        }
    }

    /// <summary>A port moves so many bytes a second from now on; 0: nothing.</summary>
    public void SetCapacity(KvPort port, long bytesPerS)
    {
        port.BytesPerS = bytesPerS;
        Share(port, port);
    }

    private void OnEvent(KvTransfer transfer)
    {
        if (!transfer.Flows)
        {
            transfer.Flows = true;
            transfer.ChangeRate(_simulation.Now, 0);
            transfer.From.Transfers.Add(transfer);
            transfer.To.Transfers.Add(transfer);
            Share(transfer.From, transfer.To);
            return;
        }

        Remove(transfer);
        transfer.From.MovedBytes += transfer.Bytes;
        transfer.To.MovedBytes += transfer.Bytes;
        transfer.Done();
    }

    private void Remove(KvTransfer transfer)
    {
        transfer.Flows = false;
        transfer.From.Transfers.Remove(transfer);
        transfer.To.Transfers.Remove(transfer);
        Share(transfer.From, transfer.To);
    }

    /// <summary>Shares the bandwidth of two ports, and of all that hang together with them, anew.</summary>
    private void Share(KvPort first, KvPort second)
    {
        _sharings++;
        _component.Clear();
        Reach(first);
        Reach(second);
        for (int i = 0; i < _component.Count; i++)
        {
            foreach (KvTransfer transfer in _component[i].Transfers)
            {
                transfer.IsShared = false;
                Reach(transfer.From);
                Reach(transfer.To);
            }
        }

        while (Narrowest() is { } port)
        {
            long share = port.Left / port.Unshared;
            foreach (KvTransfer transfer in port.Transfers)
            {
                if (!transfer.IsShared)
                {
                    Give(transfer, share);
                }
            }
        }
    }

    private void Reach(KvPort port)
    {
        if (port.Sharing != _sharings)
        {
            (port.Sharing, port.Left, port.Unshared) = (_sharings, port.BytesPerS, port.Transfers.Count);
            _component.Add(port);
        }
    }

    /// <summary>The port with the least for each transfer that has no share yet; null when all have one.</summary>
    private KvPort? Narrowest()
    {
        KvPort? narrowest = null;
        foreach (KvPort port in _component)
        {
            if (port.Unshared == 0)
            {
                continue;
            }

            long difference = narrowest is null
                ? -1
                : (port.Left / port.Unshared) - (narrowest.Left / narrowest.Unshared);
            if (difference < 0 || (difference == 0 && port.Index < narrowest!.Index))
            {
                narrowest = port;
            }
        }

        return narrowest;
    }

    private void Give(KvTransfer transfer, long share)
    {
        transfer.IsShared = true;
        transfer.From.Left -= share;
        transfer.From.Unshared--;
        transfer.To.Left -= share;
        transfer.To.Unshared--;
        if (share == transfer.Rate && transfer.Event.IsPending)
        {
            return;
        }

        transfer.ChangeRate(_simulation.Now, share);
        if (transfer.End is { } end)
        {
            _simulation.Schedule(transfer.Event, end);
        }
        else
        {
            _simulation.Cancel(transfer.Event);
        }
    }
}
