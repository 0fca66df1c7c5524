namespace ServingSim.Tests.Oracle;

/// <summary>What transfers move when they share ports fairly: an out port and an in port for each engine.</summary>
internal static class OracleNetwork
{
    /// <summary>Ticks in a second.</summary>
    public const long TicksPerSecond = 100_000_000_000;

    /// <summary>
    /// For each transfer its rate in bytes a second: again and again the port that has the least for each of its
    /// transfers, of equals the first, gives them that, rounded down.
    /// </summary>
    /// <param name="flowing">The transfers.</param>
    /// <param name="bytesPerS">What the ports of each engine move.</param>
    public static List<(OracleHandover Handover, long Rate)> Rates(
        IReadOnlyList<OracleHandover> flowing, IEnumerable<long> bytesPerS)
    {
        List<(OracleHandover Handover, long Rate)> rates = [];
        List<OracleHandover> open = [.. flowing];
        long[] left = [.. bytesPerS.SelectMany(bytes => new[] { bytes, bytes })];
        while (open.Count > 0)
        {
            int port = Enumerable.Range(0, left.Length)
                .Where(p => open.Exists(h => Uses(h, p)))
                .MinBy(p => left[p] / open.Count(h => Uses(h, p)));
            List<OracleHandover> sharing = open.FindAll(h => Uses(h, port));
            long share = left[port] / sharing.Count;
            foreach (OracleHandover handover in sharing)
            {
                rates.Add((handover, share));
                left[2 * handover.From] -= share;
                left[(2 * handover.To!.Value) + 1] -= share;
                open.Remove(handover);
            }
        }

        return rates;
    }

    private static bool Uses(OracleHandover handover, int port) =>
        port == 2 * handover.From || port == (2 * handover.To!.Value) + 1;
}
