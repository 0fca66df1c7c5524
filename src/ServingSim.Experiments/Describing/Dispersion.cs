namespace ServingSim.Experiments.Describing;

/// <summary>
/// The index of dispersion of counts on one scale of time: their variance over their mean, 1 for a Poisson process.
/// </summary>
/// <param name="ScaleS">How long what is counted is.</param>
/// <param name="Overall">Over the whole trace, the daily wave included; null where it has too few such spans.</param>
/// <param name="WithinHours">
/// Around each hour's own mean, pooled over the hours with at least <see cref="FewestOfHour"/> rows: bursts without the
/// daily wave. Of hours that the trace begins or ends in, what it covers. Null of scales longer than 20 minutes, and
/// where no hour has so many.
/// </param>
public sealed record Dispersion(double ScaleS, double? Overall, double? WithinHours)
{
    /// <summary>Rows that an hour needs to be told of.</summary>
    public const int FewestOfHour = 60;

    private const double SecondsPerHour = 3600;
    private const int FewestSpans = 10;
    private const int FewestOfHourSpans = 3;

    private static readonly double[] Scales = [1, 10, 60, 300, 600, 1200, 3600, 21_600, 86_400];

    /// <summary>Of a service's rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="all">Those of all services: they tell where the trace begins and ends.</param>
    internal static IReadOnlyList<Dispersion> Of(ServiceRows rows, ServiceRows all) =>
    [
        .. Scales.Select(scale => new Dispersion(
            scale, OverallOf(rows.Times, scale), WithinOf(rows.Times, scale, all.Times))),
    ];

    private static double? OverallOf(double[] times, double scale)
    {
        if (times.Length == 0)
        {
            return null;
        }

        (double first, double past) = Covered(times, scale);
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

    private static double? WithinOf(double[] times, double scale, double[] all)
    {
        double ofHour = SecondsPerHour / scale;
        if (ofHour < FewestOfHourSpans || times.Length == 0)
        {
            return null;
        }

        (double first, double past) = Covered(all, scale);
        (double variances, double means) = (0, 0);
        (double hour, double sum, double squares) = (-1, 0, 0);
        foreach ((double span, int count) in Counts(times, scale).Append((double.PositiveInfinity, 0)))
        {
            double next = Math.Floor(span * scale / SecondsPerHour);
            if (next != hour)
            {
                double spans = Math.Min((hour + 1) * ofHour, past) - Math.Max(hour * ofHour, first);
                if (sum >= FewestOfHour && spans >= FewestOfHourSpans)
                {
                    variances += (squares - (sum * sum / spans)) / (spans - 1);
                    means += sum / spans;
                }

                (hour, sum, squares) = (next, 0, 0);
            }

            if (span >= first && span < past)
            {
                sum += count;
                squares += (double)count * count;
            }
        }

        return means == 0 ? null : variances / means;
    }

    /// <summary>The spans that begin after the first row and end before the last.</summary>
    private static (double First, double Past) Covered(double[] times, double scale) =>
        (Math.Ceiling(times[0] / scale), Math.Floor(times[^1] / scale));

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
