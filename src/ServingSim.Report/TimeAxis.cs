namespace ServingSim.Report;

/// <summary>
/// The unit that a time axis counts in and the distance of its ticks, chosen so that ticks are few and round.
/// </summary>
/// <param name="Unit">The unit's name, as in "hours".</param>
/// <param name="UnitS">One unit, in seconds.</param>
/// <param name="TickUnits">The distance between ticks, in units.</param>
internal readonly record struct TimeAxis(string Unit, double UnitS, double TickUnits)
{
    private const int MaxTicks = 12;

    /// <summary>The axis for a picture of this many seconds.</summary>
    public static TimeAxis For(double spanS) => spanS switch
    {
        > 2 * 86400 => Of("days", 86400, spanS, [1, 2, 5, 7, 14, 28]),
        > 2 * 3600 => Of("hours", 3600, spanS, [1, 2, 3, 4, 6]),
        > 2 * 60 => Of("minutes", 60, spanS, [1, 2, 5, 10, 15]),
        _ => Of("seconds", 1, spanS, [0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]),
    };

    private static TimeAxis Of(string unit, double unitS, double spanS, double[] steps)
    {
        var units = spanS / unitS;
        var step = Array.Find(steps, s => units / s <= MaxTicks);
        return new TimeAxis(unit, unitS, step > 0 ? step : Math.Ceiling(units / MaxTicks / steps[^1]) * steps[^1]);
    }
}
