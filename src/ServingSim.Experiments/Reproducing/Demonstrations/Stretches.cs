using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Stretches of consecutive rows of a trace, their times divided to have a wanted mean rate.</summary>
internal static class Stretches
{
    /// <summary>
    /// Where stretches begin: of those that do not overlap the ones whose times have to be divided by what is nearest
    /// to <paramref name="factor"/>, in order of time.
    /// </summary>
    /// <param name="times">When rows came, in seconds, rising.</param>
    /// <param name="requests">Rows of a stretch.</param>
    /// <param name="count">How many stretches, or as many as there are.</param>
    /// <param name="ratePerS">The mean rate that they get.</param>
    /// <param name="factor">What their times should be divided by.</param>
    internal static IReadOnlyList<int> NearestTo(
        double[] times, int requests, int count, double ratePerS, double factor)
    {
        return
        [
            .. Enumerable.Range(0, times.Length / requests).Select(i => i * requests)
                .OrderBy(i => Math.Abs(Math.Log(Factor(times, i, requests, ratePerS) / factor)))
                .ThenBy(i => i)
                .Take(count)
                .Order(),
        ];
    }

    /// <summary>Where stretches begin that lie at equal distances over the whole trace.</summary>
    internal static IReadOnlyList<int> Spread(int rows, int requests, int count)
    {
        int most = Math.Min(count, rows / requests);
        return [.. Enumerable.Range(0, most).Select(i => (int)((long)(rows - requests) * i / Math.Max(1, most - 1)))];
    }

    /// <summary>By what the times of a stretch are divided to give it this rate.</summary>
    internal static double Factor(double[] times, int first, int requests, double ratePerS) =>
        (times[first + requests - 1] - times[first]) / (requests / ratePerS);

    /// <summary>The rate of a stretch's busiest hour, by the trace's own clock, over the stretch's mean rate.</summary>
    internal static double BusiestHour(double[] times, int first, int requests)
    {
        const double HourS = 3600;
        (int from, int most) = (first, 0);
        for (int i = first; i < first + requests; i++)
        {
            while (times[i] - times[from] >= HourS)
            {
                from++;
            }

            most = Math.Max(most, i - from + 1);
        }

        return most * Math.Max(1, (times[first + requests - 1] - times[first]) / HourS) / requests;
    }

    /// <summary>The gaps of a stretch, of mean 1; the first is 0.</summary>
    internal static double[] Gaps(double[] times, int first, int requests)
    {
        double[] gaps = new double[requests];
        for (int i = 1; i < requests; i++)
        {
            gaps[i] = times[first + i] - times[first + i - 1];
        }

        return OfMeanOne(gaps);
    }

    /// <summary>Gaps divided by their mean, so that n of them take n.</summary>
    internal static double[] OfMeanOne(double[] gaps)
    {
        double mean = gaps.Average();
        return [.. gaps.Select(g => g / mean)];
    }

    /// <summary>The variation of gaps: their standard deviation over their mean.</summary>
    internal static double Variation(double[] gaps)
    {
        double mean = gaps.Average();
        return Math.Sqrt(gaps.Average(g => (g - mean) * (g - mean))) / mean;
    }

    /// <summary>The rows of a service that succeeded.</summary>
    internal static ServiceRows Successes(ServiceRows rows)
    {
        int[] kept = [.. Enumerable.Range(0, rows.Count).Where(i => rows.Outputs[i] > 0)];
        return new ServiceRows(
            rows.Name, [.. kept.Select(i => rows.Times[i])], [.. kept.Select(i => rows.Prompts[i])],
            [.. kept.Select(i => rows.Outputs[i])], []);
    }
}
