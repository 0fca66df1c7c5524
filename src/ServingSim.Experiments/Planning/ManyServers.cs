namespace ServingSim.Experiments.Planning;

/// <summary>
/// The M/G/c queue, approximately: waits of the M/M/c queue (Erlang C, exponential above 0) with their mean corrected
/// by (1 + CV²) / 2 of the service (Lee and Longton 1959; exact for M/M/c and in the mean for M/G/1).
/// </summary>
public static class ManyServers
{
    /// <summary>The chance that an arrival waits longer than this; 1 where the queue grows without end.</summary>
    /// <param name="ratePerS">Arrivals per second.</param>
    /// <param name="servicePerS">What one server can do per second.</param>
    /// <param name="servers">Servers, at least one.</param>
    /// <param name="variation">Coefficient of variation of the service times.</param>
    /// <param name="waitS">The wait, in seconds; infinite for "ever".</param>
    public static double ChanceToWait(
        double ratePerS, double servicePerS, int servers, double variation, double waitS)
    {
        double spare = (servers * servicePerS) - ratePerS;
        if (spare <= 0)
        {
            return 1;
        }

        double correction = (1 + (variation * variation)) / 2;
        return ErlangC(ratePerS / servicePerS, servers) * Math.Exp(-waitS * spare / correction);
    }

    /// <summary>The chance that an arrival at an M/M/c queue has to wait.</summary>
    /// <param name="load">Arrivals in the mean service time, below the number of servers.</param>
    /// <param name="servers">Servers.</param>
    public static double ErlangC(double load, int servers)
    {
        // Erlang B by its recursion, which neither overflows nor cancels
        double blocked = 1;
        for (int c = 1; c <= servers; c++)
        {
            blocked = load * blocked / (c + (load * blocked));
        }

        return blocked / (1 - (load / servers * (1 - blocked)));
    }
}
