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
    private readonly SimTime _latency;
    private readonly SimEvent _next;
    private readonly List<KvPort> _ports = [];

    /// <summary>Transfers whose first byte has not moved, in order.</summary>
    private readonly Queue<(SimTime At, KvTransfer Transfer)> _starting = new();

    /// <summary>Transfers that share ports, in the order in which they were asked for.</summary>
    private readonly List<KvTransfer> _moving = [];

    /// <summary>Transfers that end now, in that order.</summary>
    private readonly List<KvTransfer> _ended = [];

    /// <summary>The ports that are shared anew.</summary>
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
        _next = new SimEvent(simulation.AddSource("KV network"), Phase.TransferEnd, GoOn);
    }

    /// <summary>Adds a port of a bandwidth in bytes a second.</summary>
    public KvPort AddPort(long bytesPerS)
    {
        KvPort port = new(_ports.Count, bytesPerS);
        _ports.Add(port);
        return port;
    }

    /// <summary>
    /// Begins to move bytes; <paramref name="done"/> happens when all are there, after the latency if there are none.
    /// Of those that end at one instant, the first asked for is the first done.
    /// </summary>
    public KvTransfer Send(KvPort from, KvPort to, long bytes, Action done)
    {
        Check.That(bytes >= 0 && from != to, $"{bytes} bytes from port {from.Index} to port {to.Index}");
        KvTransfer transfer = new(from, to, bytes, done);
        _starting.Enqueue((_simulation.Now + _latency, transfer));
        ScheduleNext();
        return transfer;
    }

    /// <summary>Stops a transfer that has not ended; it is never done.</summary>
    public void Cancel(KvTransfer transfer)
    {
        transfer.IsCancelled = true;
        if (_moving.Remove(transfer))
        {
            BeginSharing();
            Leave(transfer);
            Share();
        }
    }

    /// <summary>A port moves so many bytes a second from now on; 0: nothing.</summary>
    public void SetCapacity(KvPort port, long bytesPerS)
    {
        port.BytesPerS = bytesPerS;
        BeginSharing();
        Reach(port);
        Share();
    }

    /// <summary>Transfers start or end now.</summary>
    private void GoOn()
    {
        BeginSharing();
        while (_starting.TryPeek(out (SimTime At, KvTransfer Transfer) first) && first.At <= _simulation.Now)
        {
            KvTransfer transfer = _starting.Dequeue().Transfer;
            if (!transfer.IsCancelled)
            {
                _moving.Add(transfer);
                transfer.ChangeRate(_simulation.Now, 0);
                transfer.From.Transfers.Add(transfer);
                transfer.To.Transfers.Add(transfer);
                Reach(transfer.From);
                Reach(transfer.To);
            }
        }

        CollectEnded();
        Share();
        foreach (KvTransfer transfer in _ended)
        {
            transfer.Done();
        }

        _ended.Clear();
    }

    /// <summary>Those that have moved everything move no more.</summary>
    private void CollectEnded()
    {
        int still = 0;
        for (int i = 0; i < _moving.Count; i++)
        {
            KvTransfer transfer = _moving[i];
            if (transfer.End is not { } end || end > _simulation.Now)
            {
                _moving[still++] = transfer;
                continue;
            }

            _ended.Add(transfer);
            Leave(transfer);
            transfer.From.MovedBytes += transfer.Bytes;
            transfer.To.MovedBytes += transfer.Bytes;
        }

        _moving.RemoveRange(still, _moving.Count - still);
    }

    private void Leave(KvTransfer transfer)
    {
        transfer.From.Transfers.Remove(transfer);
        transfer.To.Transfers.Remove(transfer);
        Reach(transfer.From);
        Reach(transfer.To);
    }

    private void BeginSharing()
    {
        _sharings++;
        _component.Clear();
    }

    /// <summary>Shares the bandwidth of the ports reached, and of all that hang together with them, anew.</summary>
    private void Share()
    {
        for (int i = 0; i < _component.Count; i++)
        {
            foreach (KvTransfer transfer in _component[i].Transfers)
            {
                Reach(transfer.From);
                Reach(transfer.To);
            }
        }

        foreach (KvPort port in _component)
        {
            (port.Left, port.Unshared) = (port.BytesPerS, port.Transfers.Count);
            port.Transfers.ForEach(transfer => transfer.IsShared = false);
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

        ScheduleNext();
    }

    private void Reach(KvPort port)
    {
        if (port.Sharing != _sharings)
        {
            port.Sharing = _sharings;
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
        if (share != transfer.Rate)
        {
            transfer.ChangeRate(_simulation.Now, share);
        }
    }

    private void ScheduleNext()
    {
        SimTime? next = _starting.TryPeek(out (SimTime At, KvTransfer Transfer) first) ? first.At : null;
        foreach (KvTransfer transfer in _moving)
        {
            SimTime? end = transfer.End;
            next = next is null || end < next ? end ?? next : next;
        }

        if (next is { } at)
        {
            _simulation.Schedule(_next, SimTime.Later(at, _simulation.Now));
        }
        else
        {
            _simulation.Cancel(_next);
        }
    }
}
