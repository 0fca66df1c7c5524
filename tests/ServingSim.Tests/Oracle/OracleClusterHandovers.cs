namespace ServingSim.Tests.Oracle;

/// <summary>How requests get from prefill to decode engines: nixl and distserve.</summary>
internal sealed partial class OracleCluster
{
    private void HandOver(OracleHandover handover)
    {
        handover.To = Choose(1, _scenario.Prefill, _scenario.Decode);
        if (handover.To is not { } decode)
        {
            Fail(handover.Client, "Refused");
            Unpin(handover);
            return;
        }

        if (!IsNixl)
        {
            _bridges[decode].Add(handover);
            Pull(decode);
            return;
        }

        OracleSequence leg = _engines[decode].QueueRemote(handover.Client.Request with { Arrival = _now });
        GoOn(handover, leg);
        _isAwake[decode] = true;
    }

    /// <summary>From the head of the bridge on, as long as few blocks wait and the head's fit.</summary>
    private void Pull(int decode)
    {
        OracleEngine engine = _engines[decode];
        while (_isUp[decode]
            && _bridges[decode].Count > 0
            && engine.ReservedBlocks < _scenario.WaitingBlocksShare * engine.UsableBlocks)
        {
            OracleHandover handover = _bridges[decode][0];
            OracleRequest leg = handover.Client.Request with { Arrival = _now, FirstTokenTime = handover.Finished };
            if (engine.TryPull(leg) is not { } sequence)
            {
                return;
            }

            _bridges[decode].RemoveAt(0);
            GoOn(handover, sequence);
            Read(handover, engine.MissingBlocksOf(sequence));
        }
    }

    private static void GoOn(OracleHandover handover, OracleSequence leg)
    {
        handover.Decode = leg;
        (handover.Client.Engine, handover.Client.Sequence) = (handover.To, leg);
    }

    /// <summary>Nixl: the decode engine has set blocks aside in its turn.</summary>
    private void OnReserved(int engine, OracleSequence sequence, int missing)
    {
        if (IsNixl)
        {
            Read(Clients.SelectMany(c => c.Handovers).Single(h => h.Decode == sequence && h.To == engine), missing);
        }
    }

    private void Read(OracleHandover handover, int missing)
    {
        if (!handover.HoldsKv)
        {
            handover.FailsAt = _now + _scenario.Latency;
            _failing.Add(handover);
            return;
        }

        handover.Begins = _now + _scenario.Latency;
        _reading.Add(handover);
        handover.Left = (Int128)missing * _scenario.BlockBytes * OracleNetwork.TicksPerSecond;
    }

    private void LoseKv(OracleHandover handover)
    {
        int decode = handover.To!.Value;
        _engines[decode].LoseKv(handover.Decode!, _now);
        _isAwake[decode] = true;
        if (_scenario.FailsWithoutKv && ClientOf(handover.Decode!) is { } client)
        {
            _engines[decode].Abort(handover.Decode!, _now);
            Fail(client, "Lost");
        }

        NoteRoomIfGone(decode, handover.Decode!);
    }

    private void Unpin(OracleHandover handover)
    {
        _pinned.Remove(handover);
        _reading.Remove(handover);
        (handover.HoldsKv, handover.Begins) = (false, null);
        _engines[handover.From].Unpin(handover.Prefill, _now);
        _isAwake[handover.From] = true;
    }

    private void NoteRoomIfGone(int engine, OracleSequence sequence)
    {
        if (!_engines[engine].Has(sequence))
        {
            NoteRoom(engine);
        }
    }

    private void NoteRoom(int engine)
    {
        if (_bridges[engine].Count > 0)
        {
            _room.Add(engine);
        }
    }
}
