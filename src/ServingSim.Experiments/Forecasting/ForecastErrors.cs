namespace ServingSim.Experiments.Forecasting;

/// <summary>How far forecasts are off.</summary>
/// <param name="Count">How many bins were forecast.</param>
/// <param name="Nmae">The mean absolute error, divided by the mean of what came.</param>
/// <param name="Nmse">
/// The mean squared error, divided by the variance of what came: 1 of a forecast that always says the mean.
/// </param>
public sealed record ForecastErrors(int Count, double Nmae, double Nmse)
{
    /// <summary>The errors of pairs of what was forecast and what came.</summary>
    public static ForecastErrors Of(IReadOnlyList<(double Forecast, double Actual)> pairs)
    {
        double mean = pairs.Average(p => p.Actual);
        double variance = pairs.Average(p => (p.Actual - mean) * (p.Actual - mean));
        return new ForecastErrors(
            pairs.Count,
            pairs.Average(p => Math.Abs(p.Forecast - p.Actual)) / mean,
            pairs.Average(p => (p.Forecast - p.Actual) * (p.Forecast - p.Actual)) / variance);
    }
}
