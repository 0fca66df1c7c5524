namespace ServingSim.Experiments.Describing;

/// <summary>How much of something came in an hour.</summary>
/// <param name="Requests">Rows, failed ones included.</param>
/// <param name="PromptTokens">Request tokens, of failed rows as far as known.</param>
/// <param name="OutputTokens">Response tokens.</param>
/// <param name="Failed">Rows without a response.</param>
public readonly record struct HourLoad(int Requests, long PromptTokens, long OutputTokens, int Failed);

/// <summary>What came in the same hour of several days, as a box plot shows it.</summary>
/// <param name="Days">How many days have the hour.</param>
/// <param name="Min">The least.</param>
/// <param name="Q1">The lower quartile.</param>
/// <param name="Median">The median.</param>
/// <param name="Q3">The upper quartile.</param>
/// <param name="Max">The most.</param>
/// <param name="Mean">The mean.</param>
public readonly record struct HourBox(
    int Days, double Min, double Q1, double Median, double Q3, double Max, double Mean);

/// <summary>A service's load by hour, from the first hour that has a row of the trace to the last.</summary>
/// <param name="FirstHour">The first hour, counted from the start of the axis' day 0.</param>
/// <param name="FirstDay">The weekday of day 0; null where the file does not tell.</param>
/// <param name="Hours">What came in each.</param>
public sealed record HourlyLoad(int FirstHour, DayOfWeek? FirstDay, IReadOnlyList<HourLoad> Hours)
{
    /// <summary>Hours in a day.</summary>
    public const int HoursPerDay = 24;

    /// <summary>Days in a week.</summary>
    public const int DaysPerWeek = 7;

    private const double SecondsPerHour = 3600;

    /// <summary>The first day, counted from the axis' day 0.</summary>
    public int FirstDayIndex => FirstHour / HoursPerDay;

    /// <summary>The last day.</summary>
    public int LastDayIndex => (FirstHour + Hours.Count - 1) / HoursPerDay;

    /// <summary>
    /// Which day of the week a day is: from Monday, 0, where weekdays are known; else counted from day 0.
    /// </summary>
    public int WeekdayOf(int day) => FirstDay is { } first
        ? (day + (int)first + DaysPerWeek - 1) % DaysPerWeek
        : day % DaysPerWeek;

    /// <summary>Whether a day is known to be a Saturday or Sunday.</summary>
    public bool IsWeekend(int day) => FirstDay is not null && WeekdayOf(day) >= DaysPerWeek - 2;

    /// <summary>What a day of the week is called, by its number as of <see cref="WeekdayOf"/>.</summary>
    public string NameOf(int weekday) => FirstDay is null
        ? $"day {weekday}"
        : ((DayOfWeek)((weekday + 1) % DaysPerWeek)).ToString()[..3];

    /// <summary>What came in an hour of a day; null outside the trace.</summary>
    public HourLoad? At(int day, int hour) =>
        (day * HoursPerDay) + hour - FirstHour is var i && i >= 0 && i < Hours.Count ? Hours[i] : null;

    /// <summary>The days' loads.</summary>
    public IEnumerable<(int Day, HourLoad Load)> Days() => Enumerable
        .Range(FirstDayIndex, LastDayIndex - FirstDayIndex + 1)
        .Select(day => (day, Enumerable.Range(0, HoursPerDay).Select(h => At(day, h) ?? default).Aggregate(Sum)));

    /// <summary>What came in an hour of the day; null where no day has it.</summary>
    /// <param name="hour">The hour.</param>
    /// <param name="value">What of it.</param>
    /// <param name="selects">Which hours of which days count; null for all.</param>
    public HourBox? Box(int hour, Func<HourLoad, double> value, Func<int, HourLoad, bool>? selects = null)
    {
        double[] sorted = Sample.Sorted(Enumerable.Range(FirstDayIndex, LastDayIndex - FirstDayIndex + 1)
            .Select(day => (Day: day, Load: At(day, hour)))
            .Where(at => at.Load is { } load && (selects is null || selects(at.Day, load)))
            .Select(at => value(at.Load!.Value)));
        if (sorted.Length == 0)
        {
            return null;
        }

        double Quartile(double probability) => Sample.Quantile(sorted, probability)!.Value;
        return new HourBox(
            sorted.Length, sorted[0], Quartile(0.25), Quartile(0.5), Quartile(0.75), sorted[^1], sorted.Average());
    }

    /// <summary>The mean over all such hours of a day of the week; null where none is in the trace.</summary>
    public double? Mean(int weekday, int hour, Func<HourLoad, double> value) => Enumerable
        .Range(FirstDayIndex, LastDayIndex - FirstDayIndex + 1)
        .Where(day => WeekdayOf(day) == weekday)
        .Select(day => At(day, hour)).OfType<HourLoad>()
        .Select(load => (double?)value(load)).Average();

    internal static HourlyLoad Of(ServiceRows rows, int firstHour, int lastHour, DayOfWeek? firstDay)
    {
        HourLoad[] hours = new HourLoad[lastHour - firstHour + 1];
        for (int i = 0; i < rows.Count; i++)
        {
            int hour = HourOf(rows.Times[i]) - firstHour;
            hours[hour] = Sum(
                hours[hour],
                new HourLoad(1, rows.Prompts[i], rows.Outputs[i], rows.Outputs[i] == 0 ? 1 : 0));
        }

        return new HourlyLoad(firstHour, firstDay, hours);
    }

    internal static int HourOf(double time) => (int)Math.Floor(time / SecondsPerHour);

    private static HourLoad Sum(HourLoad a, HourLoad b) => new(
        a.Requests + b.Requests, a.PromptTokens + b.PromptTokens, a.OutputTokens + b.OutputTokens,
        a.Failed + b.Failed);
}
