using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Forecasting;

/// <summary>What came in equal bins of time, one after the other.</summary>
/// <param name="FirstBin">Which bin of the axis the first is, counted from the start of its day 0.</param>
/// <param name="BinS">The length of a bin, in seconds; a whole number of them makes an hour.</param>
/// <param name="FirstDay">The weekday of the axis' day 0; null where it is not known.</param>
/// <param name="Requests">Requests of each bin, failed ones included: they had to be served.</param>
/// <param name="MeanTokens">
/// Mean prompt and output tokens of those of a bin that succeeded; null of a bin without any.
/// </param>
internal sealed record LoadSeries(
    int FirstBin, double BinS, DayOfWeek? FirstDay, IReadOnlyList<double> Requests,
    IReadOnlyList<double?> MeanTokens)
{
    private const double SecondsPerHour = 3600;

    /// <summary>How many bins a day has.</summary>
    internal int BinsPerDay => (int)Math.Round(HourlyLoad.HoursPerDay * SecondsPerHour / BinS);

    /// <summary>How many bins there are.</summary>
    internal int Count => Requests.Count;

    /// <summary>The bins of rows, from the first day's beginning to the last one's end.</summary>
    internal static LoadSeries Of(ServiceRows rows, double binS, int firstDay, int days, DayOfWeek? weekday)
    {
        int perDay = (int)Math.Round(HourlyLoad.HoursPerDay * SecondsPerHour / binS);
        int first = firstDay * perDay;
        double[] requests = new double[days * perDay];
        double[] tokens = new double[requests.Length];
        int[] successes = new int[requests.Length];
        for (int i = 0; i < rows.Count; i++)
        {
            int bin = (int)(rows.Times[i] / binS) - first;
            if (bin < 0 || bin >= requests.Length)
            {
                continue;
            }

            requests[bin]++;
            if (rows.Outputs[i] > 0)
            {
                tokens[bin] += rows.Prompts[i] + rows.Outputs[i];
                successes[bin]++;
            }
        }

        return new LoadSeries(
            first, binS, weekday, requests,
            [.. tokens.Zip(successes, (sum, count) => count > 0 ? sum / count : (double?)null)]);
    }

    /// <summary>The hour of the day, 0 … 23, of a bin.</summary>
    internal int HourOf(int bin) => (FirstBin + bin) % BinsPerDay * HourlyLoad.HoursPerDay / BinsPerDay;

    /// <summary>The day of the week of a bin, 0 … 6; from the axis' day 0 where weekdays are not known.</summary>
    internal int WeekdayOf(int bin) =>
        (((FirstBin + bin) / BinsPerDay) + (int)(FirstDay ?? DayOfWeek.Sunday)) % HourlyLoad.DaysPerWeek;
}
