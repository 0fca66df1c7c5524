namespace ServingSim.Experiments.Describing;

/// <summary>How a service's failures lie, rows without a response being failures.</summary>
/// <param name="Share">Of all rows.</param>
/// <param name="ShareAfterFailure">Of the rows that follow a failure; null where none does.</param>
/// <param name="LongestRun">Most failures in a row.</param>
/// <param name="ByDay">The share of each day, counted from the axis' day 0; null of days without rows.</param>
/// <param name="ByHour">The share of each hour of the day; null of hours without rows.</param>
/// <param name="Hours">Hours with at least <see cref="FewestOfHour"/> rows, which what follows is of.</param>
/// <param name="Correlation">Pearson's, of such an hour's rows and its share; null where one does not vary.</param>
/// <param name="RankCorrelation">Spearman's, likewise.</param>
/// <param name="ByLoad">
/// The mean share of such hours, by quarter of load from the least; empty of less than four.
/// </param>
/// <param name="WorstHour">The greatest share; null of no hour.</param>
public sealed record Failures(
    double Share, double? ShareAfterFailure, int LongestRun, IReadOnlyList<(int Day, double? Share)> ByDay,
    IReadOnlyList<double?> ByHour, int Hours, double? Correlation, double? RankCorrelation,
    IReadOnlyList<double?> ByLoad, double? WorstHour)
{
    /// <summary>Rows that an hour needs for its share to say something.</summary>
    public const int FewestOfHour = 10;

    private static readonly double[] Quarters = [0.25, 0.5, 0.75];

    internal static Failures Of(ServiceRows rows, HourlyLoad load)
    {
        (int after, int both, int run, int longest) = (0, 0, 0, 0);
        for (int i = 0; i < rows.Count; i++)
        {
            bool isFailed = rows.Outputs[i] == 0;
            if (i > 0 && rows.Outputs[i - 1] == 0)
            {
                after++;
                both += isFailed ? 1 : 0;
            }

            run = isFailed ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        HourLoad[] hours = [.. load.Hours.Where(h => h.Requests >= FewestOfHour)];
        double[] counts = [.. hours.Select(h => (double)h.Requests)];
        double[] shares = [.. hours.Select(h => ShareOf([h])!.Value)];
        return new Failures(
            ShareOf(load.Hours) ?? 0,
            after == 0 ? null : (double)both / after,
            longest,
            [.. load.Days().Select(d => (d.Day, ShareOf([d.Load])))],
            [.. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(h => ShareOf(OfHour(load, h)))],
            hours.Length,
            Sample.Correlation(counts, shares),
            Sample.RankCorrelation(counts, shares),
            hours.Length < 4 ? [] : [.. LoadQuarters(counts, shares)],
            shares.Length == 0 ? null : shares.Max());
    }

    private static IEnumerable<HourLoad> OfHour(HourlyLoad load, int hour) =>
        load.Hours.Where((_, i) => (load.FirstHour + i) % HourlyLoad.HoursPerDay == hour);

    private static double? ShareOf(IEnumerable<HourLoad> hours)
    {
        (long rows, long failed) = (0, 0);
        foreach (HourLoad hour in hours)
        {
            rows += hour.Requests;
            failed += hour.Failed;
        }

        return rows == 0 ? null : (double)failed / rows;
    }

    /// <summary>The mean share by quarter of load, from the least.</summary>
    internal static IEnumerable<double?> LoadQuarters(double[] counts, double[] shares)
    {
        double[] sorted = Sample.Sorted(counts);
        double[] ends = [.. Quarters.Select(q => Sample.Quantile(sorted, q)!.Value)];
        ILookup<int, double> byQuarter = counts.Zip(shares).ToLookup(
            h => ends.Count(end => h.First > end), h => h.Second);
        return Enumerable.Range(0, ends.Length + 1).Select(q => byQuarter[q].Select(s => (double?)s).Average());
    }
}
