namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Counts token lengths by value: percentiles are exact, and memory follows the different lengths.</summary>
internal sealed class TokenCounter
{
    private readonly Dictionary<int, long> _counts = [];
    private long _count;
    private long _sum;

    internal void Add(int tokens)
    {
        _counts[tokens] = _counts.GetValueOrDefault(tokens) + 1;
        _count++;
        _sum += tokens;
    }

    /// <summary>The statistics; null where nothing was counted.</summary>
    internal TokenStatistics? Statistics()
    {
        if (_count == 0)
        {
            return null;
        }

        KeyValuePair<int, long>[] sorted = [.. _counts.OrderBy(c => c.Key)];
        return new TokenStatistics(
            (double)_sum / _count, Quantile(sorted, 0.5), Quantile(sorted, 0.9), Quantile(sorted, 0.99),
            sorted[^1].Key);
    }

    private double Quantile(KeyValuePair<int, long>[] sorted, double probability)
    {
        double rank = (_count - 1) * probability;
        int below = AtRank(sorted, (long)rank);
        int above = AtRank(sorted, (long)Math.Ceiling(rank));
        return below + ((above - below) * (rank - Math.Floor(rank)));
    }

    /// <summary>The length with <paramref name="rank"/> others before it in ascending order.</summary>
    private static int AtRank(KeyValuePair<int, long>[] sorted, long rank)
    {
        long before = 0;
        foreach ((int tokens, long count) in sorted)
        {
            before += count;
            if (before > rank)
            {
                return tokens;
            }
        }

        return sorted[^1].Key;
    }
}
