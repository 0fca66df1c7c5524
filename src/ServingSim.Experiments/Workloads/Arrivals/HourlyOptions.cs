using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>hourly</c>: a rate for each hour of the day, over and over.</summary>
/// <param name="RatesPerS">Mean arrivals per second in each of the 24 hours; a run begins with the first.</param>
/// <param name="Day">How long a day takes: shorter ones are the same day in fast motion, at the same rates.</param>
/// <param name="WeekdayFactors">What multiplies the rates on each of 7 days; a run begins with the first.</param>
/// <param name="Shape">Burstiness, as of <c>gamma</c>: 1 is Poisson.</param>
public sealed record HourlyOptions(
    IReadOnlyList<double> RatesPerS,
    [property: DefaultValue("1d")] SimTime Day,
    IReadOnlyList<double>? WeekdayFactors = null,
    double Shape = 1) : IValidated, IArrivalOptions
{
    private const int Hours = 24;
    private const int Weekdays = 7;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
    [
        .. ProblemOf(nameof(RatesPerS), RatesPerS, Hours),
        .. WeekdayFactors is null ? [] : ProblemOf(nameof(WeekdayFactors), WeekdayFactors, Weekdays),
        .. Day.TotalSeconds is >= 1 and <= 86_400 * 100
            ? Array.Empty<(string?, string)>()
            : [(nameof(Day), $"found {Day}, expected 1s to 100d")],
        .. ArrivalRate.ShapeProblems(nameof(Shape), Shape),
    ];

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) =>
        this with { RatesPerS = [.. RatesPerS.Select(r => r * factor)] };

    /// <inheritdoc/>
    public IArrivalOptions Burstier() => this with { Shape = Shape / 2 };

    internal RateCurve Curve()
    {
        IReadOnlyList<double> factors = WeekdayFactors ?? [1];
        List<RatePiece> pieces = [];
        for (int hour = 0; hour < factors.Count * Hours; hour++)
        {
            double rate = RatesPerS[hour % Hours] * factors[hour / Hours];
            pieces.Add(new RatePiece(new SimTime((long)((Int128)Day.Ticks * (hour + 1) / Hours)), rate, rate));
        }

        return new RateCurve(pieces);
    }

    private static IEnumerable<(string? Parameter, string Problem)> ProblemOf(
        string parameter, IReadOnlyList<double> values, int count)
    {
        if (values.Count != count)
        {
            return [(parameter, $"found {values.Count} numbers, expected {count}")];
        }

        foreach (double value in values)
        {
            if (!(value is 0 or (>= 1e-6 and <= 1e6)))
            {
                return [(parameter, $"found {value}, expected 0 or numbers from 1e-6 to 1e6")];
            }
        }

        return values.Any(v => v > 0) ? [] : [(parameter, "found only zeros, expected some number above 0")];
    }
}
