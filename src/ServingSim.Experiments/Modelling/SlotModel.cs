using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>
/// Fits α and β for each 20 minutes of the day, for workdays and weekends, and the chance around them.
/// </summary>
internal static class SlotModel
{
    private const int Slots = 72;
    private const int Stretches = 2;
    private const int PerHour = 3 * Stretches;
    private const double SlotS = Burstiness.FitWindowS;
    private const double SecondsPerDay = 86_400;
    private const int FewestGaps = 400;
    private const int Rounds = 4;
    private const double MostAlpha = 100;

    /// <summary>The process of a service that has rows on at least one whole day.</summary>
    /// <param name="times">When its rows came.</param>
    /// <param name="load">Their hours.</param>
    /// <param name="withoutDay">A day that is not looked at; null for none.</param>
    internal static GammaSlotsOptions Of(double[] times, HourlyLoad load, int? withoutDay = null)
    {
        (int firstDay, int lastDay) = WholeDays(load);
        Kind workdays = new(times, [.. Days(firstDay, lastDay).Where(d => !load.IsWeekend(d) && d != withoutDay)]);
        Kind weekends = new(times, [.. Days(firstDay, lastDay).Where(d => load.IsWeekend(d) && d != withoutDay)]);
        Kind first = workdays.Days.Length > 0 ? workdays : weekends;
        bool hasBoth = workdays.Days.Length > 0 && weekends.Days.Length > 0;
        GapSums all = GapSums.Of(workdays.Gaps.Concat(weekends.Gaps));
        double[] alphas = first.Alphas(all);
        double[]? weekendAlphas = hasBoth ? weekends.Alphas(all) : null;
        (double day, double hour, double slot) = Sigmas(hasBoth ? [workdays, weekends] : [first], all.Alpha() ?? 1);
        return new GammaSlotsOptions(
            [.. alphas.Select(a => Rounded(a, 3))],
            [.. alphas.Zip(first.RatesPerS, (a, r) => Rounded(a * r, 6))],
            weekendAlphas is null ? null : [.. weekendAlphas.Select(a => Rounded(a, 3))],
            weekendAlphas is null ? null : [.. weekendAlphas.Zip(weekends.RatesPerS, (a, r) => Rounded(a * r, 6))],
            load.FirstDay is null ? Weekday.Monday : (Weekday)load.WeekdayOf(firstDay),
            new WaveOptions(
                Rounded(day, 3), Rounded(hour, 3), Rounded(slot, 3), SimTime.FromSeconds(SlotS / Stretches)));
    }

    /// <summary>Days of which the trace has every hour; of a shorter trace the one with most.</summary>
    internal static (int First, int Last) WholeDays(HourlyLoad load)
    {
        int first = load.FirstHour % HourlyLoad.HoursPerDay == 0 ? load.FirstDayIndex : load.FirstDayIndex + 1;
        int hours = load.FirstHour + load.Hours.Count;
        int last = hours % HourlyLoad.HoursPerDay == 0 ? load.LastDayIndex : load.LastDayIndex - 1;
        return first <= last ? (first, last) : (load.FirstDayIndex, load.LastDayIndex);
    }

    private static IEnumerable<int> Days(int first, int last) => Enumerable.Range(first, last - first + 1);

    private static double Rounded(double value, int decimals) => Math.Round(value, decimals);

    /// <summary>
    /// What counts vary by beyond the process itself: between days, between hours around their day's level, and
    /// between 10 minutes, which is about how long BurstGPT's conversations keep a level. The slots' means are of the
    /// same days, which takes a degree of freedom.
    /// </summary>
    private static (double Day, double Hour, double Slot) Sigmas(Kind[] kinds, double alpha)
    {
        Excess ofDays = default;
        Excess ofHours = default;
        Excess ofSlots = default;
        foreach (Kind kind in kinds.Where(k => k.Days.Length > 1))
        {
            double mean = kind.Totals.Average();
            double freedom = kind.Days.Length / (kind.Days.Length - 1.0);
            double[] means =
                [.. Enumerable.Range(0, Slots * Stretches).Select(s => kind.MeanOf(s / Stretches) / Stretches)];
            foreach ((int i, double total) in kind.Totals.Index().Where(t => t.Item > 0))
            {
                ofDays = ofDays.With(total, mean, freedom, alpha);
                for (int s = 0; s < means.Length; s++)
                {
                    ofSlots = ofSlots.With(kind.Counts[i][s], means[s] * total / mean, freedom, alpha);
                }

                for (int h = 0; h < means.Length; h += PerHour)
                {
                    ofHours = ofHours.With(
                        kind.Counts[i].AsSpan(h, PerHour).ToArray().Sum(),
                        means.AsSpan(h, PerHour).ToArray().Sum() * total / mean, freedom, alpha);
                }
            }
        }

        // What varies alone within an hour makes hours vary too, and hours days
        double slot = Math.Max(0, (ofSlots.Variance - ofHours.Variance) * PerHour / (PerHour - 1));
        double hour = Math.Max(0, ofSlots.Variance - slot);
        double day = Math.Max(0, ofDays.Variance - (((slot / PerHour) + hour) / HourlyLoad.HoursPerDay));
        return (Sigma(day), Sigma(hour), Sigma(slot));
    }

    private static double Sigma(double variance) => Math.Sqrt(Math.Log(1 + variance));

    /// <summary>Sums of squares of what counts miss their expectation by, less what the process itself gives.</summary>
    private readonly record struct Excess(double Misses, double Squares)
    {
        /// <summary>The variance of the factor behind the counts.</summary>
        internal double Variance => Squares > 0 ? Math.Max(0, Misses / Squares) : 0;

        internal Excess With(double count, double expected, double freedom, double alpha) => new(
            Misses + (freedom * (count - expected) * (count - expected)) - (expected / alpha),
            Squares + (expected * expected));
    }

    /// <summary>The days of one kind.</summary>
    private sealed class Kind
    {
        internal Kind(double[] times, int[] days)
        {
            Days = days;
            Counts = [.. days.Select(_ => new double[Slots * Stretches])];
            Dictionary<int, int> indexOf = days.Index().ToDictionary(d => d.Item, d => d.Index);
            foreach (double time in times)
            {
                int day = (int)Math.Floor(time / SecondsPerDay);
                if (indexOf.TryGetValue(day, out int i))
                {
                    Counts[i][(int)((time - (day * SecondsPerDay)) / SlotS * Stretches)]++;
                }
            }

            Totals = [.. Counts.Select(c => c.Sum())];
            RatesPerS = [.. Enumerable.Range(0, Slots).Select(s => MeanOf(s) / SlotS)];
            Gaps =
            [
                .. Burstiness.WindowsOf(times, SlotS, Burstiness.FewestOfFit, isFitted: true)
                    .Where(w => w.Fit is not null && indexOf.ContainsKey((int)Math.Floor(w.StartS / SecondsPerDay)))
                    .Select(w => (SlotOf(w.StartS), GapSums.Of(w))),
            ];
        }

        internal int[] Days { get; }

        internal double[][] Counts { get; }

        internal double[] Totals { get; }

        internal double[] RatesPerS { get; }

        internal (int Slot, GapSums Sums)[] Gaps { get; }

        internal double MeanOf(int slot) => Days.Length == 0
            ? 0
            : Counts.Average(c => c.AsSpan(slot * Stretches, Stretches).ToArray().Sum());

        /// <summary>
        /// The shape of each slot: from its windows, or its hour's, or all, the first with gaps enough.
        /// </summary>
        internal double[] Alphas(GapSums all)
        {
            double last = all.Alpha() ?? 1;
            ILookup<int, (int, GapSums)> bySlot = Gaps.ToLookup(g => g.Slot);
            ILookup<int, (int, GapSums)> byHour = Gaps.ToLookup(g => g.Slot / 3);
            return
            [
                .. Enumerable.Range(0, Slots).Select(
                    s => Enough(bySlot[s]) ?? Enough(byHour[s / 3]) ?? last),
            ];
        }

        private static double? Enough(IEnumerable<(int, GapSums)> gaps) =>
            GapSums.Of(gaps) is var sums && sums.Gaps >= FewestGaps ? sums.Alpha() : null;

        private static int SlotOf(double start) => (int)(start % SecondsPerDay / SlotS);
    }

    /// <summary>The gaps of windows, each window's divided by its own mean.</summary>
    private readonly record struct GapSums(long Windows, long Gaps, double Logs)
    {
        internal static GapSums Of(ArrivalWindow window)
        {
            // ψ(α) - log β is the mean of the logarithms
            double meanOfLogs = MathNet.Numerics.SpecialFunctions.DiGamma(window.Fit!.Value.Alpha)
                - Math.Log(window.Fit.Value.Alpha);
            return new GapSums(1, window.Requests - 1, (window.Requests - 1) * meanOfLogs);
        }

        internal static GapSums Of(IEnumerable<(int Slot, GapSums Sums)> gaps) => gaps.Aggregate(
            default(GapSums),
            (a, g) => new GapSums(a.Windows + g.Sums.Windows, a.Gaps + g.Sums.Gaps, a.Logs + g.Sums.Logs));

        /// <summary>
        /// The common shape by maximum likelihood. A window's mean is of few gaps, and the logarithm of such a mean is
        /// too small by 1/(2nα), which is put right.
        /// </summary>
        internal double? Alpha()
        {
            if (Gaps == 0)
            {
                return null;
            }

            double meanOfLogs = Logs / Gaps;
            double? alpha = GammaFit.Of(1, meanOfLogs)?.Alpha;
            for (int round = 0; round < Rounds && alpha is { } found; round++)
            {
                alpha = GammaFit.Of(1, meanOfLogs - (Windows / (2 * found * Gaps)))?.Alpha;
            }

            return alpha is { } shape ? Math.Clamp(shape, 0.01, MostAlpha) : null;
        }
    }
}
