namespace ServingSim.Cluster.Routing;

/// <summary>What is left of the limits where a request is sent to a replica; below 0 it is beyond them.</summary>
/// <param name="TtftMs">Of time to first token.</param>
/// <param name="TpotMs">Of time per output token.</param>
/// <param name="IsIdle">Whether the replica has no request.</param>
internal readonly record struct Headroom(double TtftMs, double TpotMs, bool IsIdle)
{
    /// <summary>Whether both limits are kept.</summary>
    internal bool IsWithin => TtftMs >= 0 && TpotMs >= 0;
}

/// <summary>
/// llm-d's latency-scorer (llm-d/llm-d-router, scorer/latency/plugin.go, 683100dc, 2026): scores of 0.01 … 1.01 for
/// those within the limits. Where nobody is, for the idle ones; where nobody is idle, for those beyond the limit of
/// TPOT alone, else of TTFT alone, else of both, the least beyond it highest. All others have 0.
/// </summary>
internal sealed class HeadroomScores(double ttftWeight, double tpotWeight, HeadroomRule rule)
{
    /// <summary>Ranges up to it count as none, in ms.</summary>
    private const double NoRange = 1e-9;

    /// <summary>The candidates' scores, in order.</summary>
    internal double[] Of(ReadOnlySpan<Headroom> rooms)
    {
        int best = int.MaxValue;
        foreach (Headroom room in rooms)
        {
            best = Math.Min(best, TierOf(room));
        }

        (double least, double most) ttft = (double.PositiveInfinity, 0);
        (double least, double most) tpot = (double.PositiveInfinity, 0);
        foreach (Headroom room in rooms)
        {
            if (TierOf(room) == best)
            {
                ttft = Widen(ttft, Math.Abs(room.TtftMs));
                tpot = Widen(tpot, Math.Abs(room.TpotMs));
            }
        }

        double[] scores = new double[rooms.Length];
        for (int i = 0; i < rooms.Length; i++)
        {
            if (TierOf(rooms[i]) == best)
            {
                double share = ShareOf(rooms[i], ttft, tpot);
                share = best > 0 || rule == HeadroomRule.Least ? 1 - share : share;
                scores[i] = ((int)(share * 100) + 1) / 100.0;
            }
        }

        return scores;
    }

    /// <summary>The lower, the sooner it is chosen.</summary>
    private static int TierOf(Headroom room) =>
        room.IsWithin ? 0
        : room.IsIdle ? 1
        : room.TtftMs >= 0 ? 2
        : room.TpotMs >= 0 ? 3
        : 4;

    private static (double Least, double Most) Widen((double Least, double Most) range, double to) =>
        (Math.Min(range.Least, to), Math.Max(range.Most, to));

    /// <summary>
    /// The weighted mean of two distances from the limits, each over its range; one that all have alike counts nothing.
    /// </summary>
    private double ShareOf(Headroom room, (double Least, double Most) ttft, (double Least, double Most) tpot)
    {
        (double ttftRange, double tpotRange) = (ttft.Most - ttft.Least, tpot.Most - tpot.Least);
        if (ttftRange <= NoRange && tpotRange <= NoRange)
        {
            return 0.5;
        }

        double ofTtft = ttftRange > NoRange ? (Math.Abs(room.TtftMs) - ttft.Least) / ttftRange : 0;
        double ofTpot = tpotRange > NoRange ? (Math.Abs(room.TpotMs) - tpot.Least) / tpotRange : 0;
        return ttftRange <= NoRange ? ofTpot
            : tpotRange <= NoRange ? ofTtft
            : ((ttftWeight * ofTtft) + (tpotWeight * ofTpot)) / (ttftWeight + tpotWeight);
    }
}
