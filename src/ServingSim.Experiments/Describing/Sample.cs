namespace ServingSim.Experiments.Describing;

/// <summary>Statistics of numbers that a trace gives; quantiles interpolate linearly (rank (n − 1) p).</summary>
internal static class Sample
{
    private const int MostCounted = 1 << 22;

    /// <summary>A quantile of rising numbers; null of none.</summary>
    internal static double? Quantile(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty)
        {
            return null;
        }

        double rank = (sorted.Length - 1) * probability;
        int low = (int)rank;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((sorted[high] - sorted[low]) * (rank - low));
    }

    /// <summary>A quantile of rising counts; null of none.</summary>
    internal static double? Quantile(ReadOnlySpan<int> sorted, double probability)
    {
        if (sorted.IsEmpty)
        {
            return null;
        }

        double rank = (sorted.Length - 1) * probability;
        int low = (int)rank;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((sorted[high] - (double)sorted[low]) * (rank - low));
    }

    /// <summary>The same counts, rising; by counting where they are short enough, which takes no comparisons.</summary>
    internal static int[] Sorted(ReadOnlySpan<int> counts)
    {
        int most = 0;
        foreach (int count in counts)
        {
            most = Math.Max(most, count);
        }

        int[] sorted = counts.ToArray();
        if (most > MostCounted || most > 64L * sorted.Length)
        {
            Array.Sort(sorted);
            return sorted;
        }

        int[] times = new int[most + 1];
        foreach (int count in counts)
        {
            times[count]++;
        }

        int at = 0;
        for (int value = 0; value <= most; value++)
        {
            sorted.AsSpan(at, times[value]).Fill(value);
            at += times[value];
        }

        return sorted;
    }

    /// <summary>The same numbers, rising.</summary>
    internal static double[] Sorted(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>The mean; null of none.</summary>
    internal static double? Mean(ReadOnlySpan<int> counts)
    {
        long sum = 0;
        foreach (int count in counts)
        {
            sum += count;
        }

        return counts.IsEmpty ? null : (double)sum / counts.Length;
    }

    /// <summary>Mean and standard deviation (of n − 1); the deviation of one number is 0.</summary>
    internal static (double Mean, double Deviation) Moments(ReadOnlySpan<double> numbers)
    {
        double sum = 0;
        foreach (double number in numbers)
        {
            sum += number;
        }

        double mean = sum / numbers.Length;
        double squares = 0;
        foreach (double number in numbers)
        {
            squares += (number - mean) * (number - mean);
        }

        return (mean, numbers.Length < 2 ? 0 : Math.Sqrt(squares / (numbers.Length - 1)));
    }

    /// <summary>Pearson's correlation; null where one side does not vary.</summary>
    internal static double? Correlation(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 2)
        {
            return null;
        }

        double meanX = Moments(x).Mean;
        double meanY = Moments(y).Mean;
        (double xx, double yy, double xy) = (0, 0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : null;
    }

    /// <summary>Spearman's correlation: that of the ranks, equal numbers sharing the mean of theirs.</summary>
    internal static double? RankCorrelation(double[] x, double[] y) => Correlation(Ranks(x), Ranks(y));

    /// <summary>The straight line of least squares: its slope and its value at 0; null where x does not vary.</summary>
    internal static (double Slope, double Intercept)? Line(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length < 2)
        {
            return null;
        }

        double meanX = Moments(x).Mean;
        double meanY = Moments(y).Mean;
        (double xx, double xy) = (0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            xx += (x[i] - meanX) * (x[i] - meanX);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }

        return xx > 0 ? (xy / xx, meanY - (xy / xx * meanX)) : null;
    }

    /// <summary>Counts as numbers.</summary>
    internal static double[] Doubles(ReadOnlySpan<int> counts)
    {
        double[] numbers = new double[counts.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = counts[i];
        }

        return numbers;
    }

    private static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        double[] ranks = new double[values.Length];
        for (int from = 0, to; from < order.Length; from = to)
        {
            to = from + 1;
            while (to < order.Length && values[order[to]] == values[order[from]])
            {
                to++;
            }

            for (int i = from; i < to; i++)
            {
                ranks[order[i]] = (from + to - 1) / 2.0;
            }
        }

        return ranks;
    }
}
