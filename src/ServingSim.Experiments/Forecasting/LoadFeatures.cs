namespace ServingSim.Experiments.Forecasting;

/// <summary>
/// What is known of a number before a bin begins: its last three values, rolling statistics of the last hour at most,
/// and the calendar. Of a bin t nothing after t − 1 is used but what day and hour it will be.
/// </summary>
internal static class LoadFeatures
{
    private const int Lags = 3;
    private const double SecondsPerMinute = 60;

    /// <summary>The windows of rolling statistics, in minutes; those of fewer than two bins are left out.</summary>
    private static readonly int[] WindowMinutes = [10, 30, 60];

    /// <summary>The names of the features, in order.</summary>
    internal static IReadOnlyList<string> Names(double binS) =>
    [
        .. Enumerable.Range(1, Lags).Select(l => $"lag {l}"),
        .. Windows(binS).SelectMany(w => new[] { $"mean of {w} bins", $"deviation of {w} bins", $"most of {w} bins" }),
        "hour", "weekday",
    ];

    /// <summary>The first bin that has all of its features.</summary>
    internal static int FirstBin(double binS) => Math.Max(Lags, Windows(binS).Max());

    /// <summary>The features of a bin.</summary>
    /// <param name="series">Tells bins' hours and days.</param>
    /// <param name="values">The number that is forecast, of every bin; only those before the bin are read.</param>
    /// <param name="bin">The bin, from <see cref="FirstBin"/> on.</param>
    internal static float[] Of(LoadSeries series, IReadOnlyList<double> values, int bin)
    {
        List<float> features = [];
        for (int lag = 1; lag <= Lags; lag++)
        {
            features.Add((float)values[bin - lag]);
        }

        foreach (int window in Windows(series.BinS))
        {
            (double sum, double squares, double most) = (0, 0, double.NegativeInfinity);
            for (int i = bin - window; i < bin; i++)
            {
                sum += values[i];
                squares += values[i] * values[i];
                most = Math.Max(most, values[i]);
            }

            double mean = sum / window;
            features.Add((float)mean);
            features.Add((float)Math.Sqrt(Math.Max(0, (squares / window) - (mean * mean))));
            features.Add((float)most);
        }

        features.Add(series.HourOf(bin));
        features.Add(series.WeekdayOf(bin));
        return [.. features];
    }

    private static IEnumerable<int> Windows(double binS) =>
        WindowMinutes.Select(m => (int)(m * SecondsPerMinute / binS)).Where(bins => bins > 1);
}
