namespace ServingSim.Experiments.Describing;

/// <summary>
/// The index of dispersion of counts on one scale of time: their variance over their mean, 1 for a Poisson process.
/// </summary>
/// <param name="ScaleS">How long what is counted is.</param>
/// <param name="Overall">Over the whole trace, the daily wave included; null where it has too few such spans.</param>
/// <param name="WithinHours">
/// Around each hour's own mean, pooled over the hours with at least <see cref="FewestOfHour"/> rows: bursts without the
/// daily wave. Null of scales longer than 20 minutes, and where no hour has so many.
/// </param>
public sealed record Dispersion(double ScaleS, double? Overall, double? WithinHours)
{
    /// <summary>Rows that an hour needs to be told of.</summary>
    public const int FewestOfHour = 60;

    private const double SecondsPerHour = 3600;
    private const int FewestSpans = 10;

    private static readonly double[] Scales = [1, 10, 60, 300, 600, 1200, 3600, 21_600, 86_400];

    internal static IReadOnlyList<Dispersion> Of(ServiceRows rows) =>
        [.. Scales.Select(scale => new Dispersion(scale, OverallOf(rows.Times, scale), WithinOf(rows.Times, scale)))];

    private static double? OverallOf(double[] times, double scale)
    {
        if (times.Length == 0)
        {
            return null;
        }

        // Spans that begin after the trace does and end before
        double first = Math.Ceiling(times[0] / scale);
        double past = Math.Floor(times[^1] / scale);
        (double sum, double squares) = (0, 0);
        foreach ((double span, int count) in Counts(times, scale))
        {
            if (span >= first && span < past)
            {
                sum += count;
                squares += (double)count * count;
            }
        }

        double spans = past - first;
        return spans < FewestSpans || sum == 0 ? null : (squares - (sum * sum / spans)) / (spans - 1) / (sum / spans);
    }

    private static double? WithinOf(double[] times, double scale)
    {
        double spans = SecondsPerHour / scale;
        if (spans < 3)
        {
            return null;
        }

        (double variances, double means) = (0, 0);
        (double hour, double sum, double squares) = (-1, 0, 0);
        foreach ((double span, int count) in Counts(times, scale).Append((double.PositiveInfinity, 0)))
        {
            double next = Math.Floor(span * scale / SecondsPerHour);
            if (next != hour)
            {
                if (sum >= FewestOfHour)
                {
                    variances += (squares - (sum * sum / spans)) / (spans - 1);
                    means += sum / spans;
                }

                (hour, sum, squares) = (next, 0, 0);
            }

            sum += count;
            squares += (double)count * count;
        }

        return means == 0 ? null : variances / means;
    }

    /// <summary>The spans that have rows, and how many.</summary>
    private static IEnumerable<(double Span, int Count)> Counts(double[] times, double scale)
    {
        for (int from = 0, to; from < times.Length; from = to)
        {
            double span = Math.Floor(times[from] / scale);
            to = from + 1;
            while (to < times.Length && Math.Floor(times[to] / scale) == span)
            {
                to++;
            }

            yield return (span, to - from);
        }
    }
}
