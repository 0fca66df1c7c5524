namespace ServingSim.Experiments.Describing;

/// <summary>The arrivals of 20 minutes.</summary>
/// <param name="StartS">When they begin, in seconds from the start of the axis' day 0.</param>
/// <param name="Requests">Rows, failed ones included.</param>
/// <param name="Variation">The gaps' standard deviation over their mean.</param>
/// <param name="Fit">The Gamma distribution of the gaps; null where they are all equal.</param>
public sealed record ArrivalWindow(double StartS, int Requests, double Variation, GammaFit? Fit);

/// <summary>How much the gaps vary inside windows of one length.</summary>
/// <param name="LengthS">How long a window is.</param>
/// <param name="Windows">Those with rows enough.</param>
/// <param name="P10">What 10 % of their variations do not exceed; null of no window.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">What 90 % do not exceed.</param>
/// <param name="ShareAboveOne">The share of windows in which arrivals are burstier than a Poisson process.</param>
public sealed record GapVariation(
    double LengthS, int Windows, double? P10, double? P50, double? P90, double? ShareAboveOne);

/// <summary>The Gamma parameters of the windows of some hours.</summary>
/// <param name="Windows">How many windows there are.</param>
/// <param name="Alpha">α at 10, 50 and 90 % of them; null of none.</param>
/// <param name="Beta">β in 1/s, likewise.</param>
public sealed record GammaSummary(int Windows, Percentiles? Alpha, Percentiles? Beta);

/// <summary>A figure at 10, 50 and 90 % of what it was measured of.</summary>
/// <param name="P10">What 10 % do not exceed.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">What 90 % do not exceed.</param>
public readonly record struct Percentiles(double P10, double P50, double P90)
{
    internal static Percentiles? Of(IEnumerable<double> values) => Sample.Sorted(values) is { Length: > 0 } sorted
        ? new Percentiles(
            Sample.Quantile(sorted, 0.1)!.Value, Sample.Quantile(sorted, 0.5)!.Value,
            Sample.Quantile(sorted, 0.9)!.Value)
        : null;
}

/// <summary>How bursty a service's arrivals are, after coarse times were spread.</summary>
/// <param name="Windows">The windows of 20 minutes with at least <see cref="FewestOfFit"/> rows.</param>
/// <param name="Variations">By the length of windows.</param>
/// <param name="Workdays">Gamma parameters of the windows from Monday to Friday; of all where days are unknown.</param>
/// <param name="Weekends">Those of Saturdays and Sundays.</param>
/// <param name="WorkdayHours">Those of the workdays by hour of the day.</param>
public sealed record Burstiness(
    IReadOnlyList<ArrivalWindow> Windows, IReadOnlyList<GapVariation> Variations, GammaSummary Workdays,
    GammaSummary Weekends, IReadOnlyList<GammaSummary> WorkdayHours)
{
    /// <summary>The windows of the paper's fits (KDD'25), in seconds.</summary>
    public const int FitWindowS = 1200;

    /// <summary>Rows that a window needs for a fit.</summary>
    public const int FewestOfFit = 15;

    /// <summary>Rows that a window needs for a variation.</summary>
    public const int FewestOfVariation = 3;

    private const double SecondsPerDay = 86_400;

    private const double LeastGapS = 1e-9;

    private static readonly double[] Lengths = [60, 300, FitWindowS, 3600];

    internal static Burstiness Of(ServiceRows rows, HourlyLoad load)
    {
        ArrivalWindow[] windows = [.. WindowsOf(rows.Times, FitWindowS, FewestOfFit, isFitted: true)];
        ArrivalWindow[] workdays = [.. windows.Where(w => !load.IsWeekend(DayOf(w)))];
        return new Burstiness(
            windows,
            [.. Lengths.Select(length => Variation(rows.Times, length))],
            Summary(workdays),
            Summary([.. windows.Except(workdays)]),
            [.. Enumerable.Range(0, HourlyLoad.HoursPerDay)
                .Select(h => Summary([.. workdays.Where(w => HourOf(w) == h)]))]);
    }

    /// <summary>The windows with rows enough, in order of time.</summary>
    internal static IEnumerable<ArrivalWindow> WindowsOf(double[] times, double lengthS, int fewest, bool isFitted)
    {
        for (int from = 0, to; from < times.Length; from = to)
        {
            double window = Math.Floor(times[from] / lengthS);
            to = from + 1;
            while (to < times.Length && Math.Floor(times[to] / lengthS) == window)
            {
                to++;
            }

            if (to - from >= fewest)
            {
                yield return WindowOf(times.AsSpan(from, to - from), window * lengthS, isFitted);
            }
        }
    }

    private static ArrivalWindow WindowOf(ReadOnlySpan<double> times, double startS, bool isFitted)
    {
        int gaps = times.Length - 1;
        double mean = Math.Max((times[^1] - times[0]) / gaps, LeastGapS);
        (double squares, double logs) = (0, 0);
        for (int i = 1; i < times.Length; i++)
        {
            double gap = Math.Max(times[i] - times[i - 1], LeastGapS);
            squares += (gap - mean) * (gap - mean);
            logs += isFitted ? Math.Log(gap) : 0;
        }

        return new ArrivalWindow(
            startS, times.Length, Math.Sqrt(squares / (gaps - 1)) / mean,
            isFitted ? GammaFit.Of(mean, logs / gaps) : null);
    }

    private static GapVariation Variation(double[] times, double lengthS)
    {
        double[] sorted = Sample.Sorted(
            WindowsOf(times, lengthS, FewestOfVariation, isFitted: false).Select(w => w.Variation));
        return new GapVariation(
            lengthS, sorted.Length, Sample.Quantile(sorted, 0.1), Sample.Quantile(sorted, 0.5),
            Sample.Quantile(sorted, 0.9),
            sorted.Length == 0 ? null : sorted.Count(v => v > 1) / (double)sorted.Length);
    }

    private static GammaSummary Summary(ArrivalWindow[] windows)
    {
        GammaFit[] fits = [.. windows.Select(w => w.Fit).OfType<GammaFit>()];
        return new GammaSummary(
            fits.Length, Percentiles.Of(fits.Select(f => f.Alpha)), Percentiles.Of(fits.Select(f => f.Beta)));
    }

    private static int DayOf(ArrivalWindow window) => (int)Math.Floor(window.StartS / SecondsPerDay);

    private static int HourOf(ArrivalWindow window) =>
        HourlyLoad.HourOf(window.StartS) - (DayOf(window) * HourlyLoad.HoursPerDay);
}
