namespace ServingSim.Experiments.Forecasting;

/// <summary>What is forecast of a bin.</summary>
public enum ForecastTarget
{
    /// <summary>How many requests come.</summary>
    Requests,

    /// <summary>Their mean prompt and output tokens.</summary>
    MeanTokens,
}

/// <summary>Forecasts of a number one bin ahead, over the part of a series that nothing was learned from.</summary>
/// <param name="Target">Of what.</param>
/// <param name="BinS">The length of a bin, in seconds.</param>
/// <param name="FirstTested">The first bin that is forecast; all before it was learned from.</param>
/// <param name="Actual">What came in each bin from there on; null where it has no value.</param>
/// <param name="Forecasts">By method, what was forecast of each; never below 0.</param>
internal sealed record LoadForecast(
    ForecastTarget Target, double BinS, int FirstTested, IReadOnlyList<double?> Actual,
    IReadOnlyDictionary<string, IReadOnlyList<double>> Forecasts)
{
    /// <summary>Boosted trees on lags, rolling statistics and the calendar.</summary>
    internal const string Trees = "boosted trees";

    /// <summary>The last bin's value again.</summary>
    internal const string Persistence = "persistence";

    /// <summary>The value of the same bin a day before.</summary>
    internal const string Seasonal = "a day before";

    /// <summary>The methods, the one that learns first.</summary>
    internal static readonly IReadOnlyList<string> Methods = [Trees, Persistence, Seasonal];

    /// <summary>Learns from the first part of a series and forecasts the rest, bin after bin.</summary>
    /// <param name="series">What came.</param>
    /// <param name="target">What of it is forecast.</param>
    /// <param name="firstTested">The first bin to forecast, later than the first day.</param>
    internal static LoadForecast Of(LoadSeries series, ForecastTarget target, int firstTested)
    {
        IReadOnlyList<double?> actual = target == ForecastTarget.Requests
            ? [.. series.Requests.Select(r => (double?)r)]
            : series.MeanTokens;
        double[] values = Carried(actual);
        int first = LoadFeatures.FirstBin(series.BinS);
        int[] learned = [.. Enumerable.Range(first, firstTested - first).Where(bin => actual[bin] is not null)];
        int[] tested = [.. Enumerable.Range(firstTested, series.Count - firstTested)];
        BoostedTrees trees = BoostedTrees.Train(
            [.. learned.Select(bin => LoadFeatures.Of(series, values, bin))],
            [.. learned.Select(bin => values[bin])]);
        return new LoadForecast(
            target, series.BinS, firstTested, [.. tested.Select(bin => actual[bin])],
            new OrderedDictionary<string, IReadOnlyList<double>>
            {
                [Trees] =
                [
                    .. trees.Predict([.. tested.Select(bin => LoadFeatures.Of(series, values, bin))])
                        .Select(v => Math.Max(0, v)),
                ],
                [Persistence] = [.. tested.Select(bin => values[bin - 1])],
                [Seasonal] = [.. tested.Select(bin => values[bin - series.BinsPerDay])],
            });
    }

    /// <summary>How far a method is off, over the bins that have a value.</summary>
    internal ForecastErrors ErrorsOf(string method) => ForecastErrors.Of(
    [
        .. Actual.Zip(Forecasts[method]).Where(p => p.First is not null).Select(p => (p.Second, p.First!.Value)),
    ]);

    /// <summary>What is known of each bin: its value, or the last one before it; 0 before the first.</summary>
    private static double[] Carried(IReadOnlyList<double?> values)
    {
        double[] carried = new double[values.Count];
        double last = 0;
        for (int i = 0; i < carried.Length; i++)
        {
            carried[i] = last = values[i] ?? last;
        }

        return carried;
    }
}
