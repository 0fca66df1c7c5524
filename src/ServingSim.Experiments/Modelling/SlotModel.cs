using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads.Arrivals;

namespace ServingSim.Experiments.Modelling;

/// <summary>
/// Fits α and β for each 20 minutes of the day, for workdays and weekends, and the chance around them.
/// </summary>
internal static class SlotModel
{
    private const int Slots = 72;
    private const double SlotS = Burstiness.FitWindowS;
    private const double SecondsPerDay = 86_400;
    private const int FewestGaps = 60;
    private const int Rounds = 4;
    private const double MostAlpha = 100;

    /// <summary>The process of a service that has rows on at least one whole day.</summary>
    internal static GammaSlotsOptions Of(double[] times, HourlyLoad load)
    {
        (int firstDay, int lastDay) = WholeDays(load);
        Kind workdays = new(times, [.. Days(firstDay, lastDay).Where(d => !load.IsWeekend(d))]);
        Kind weekends = new(times, [.. Days(firstDay, lastDay).Where(load.IsWeekend)]);
        Kind first = workdays.Days.Length > 0 ? workdays : weekends;
        bool hasBoth = workdays.Days.Length > 0 && weekends.Days.Length > 0;
        GapSums all = GapSums.Of(workdays.Gaps.Concat(weekends.Gaps));
        double[] alphas = first.Alphas(all);
        double[]? weekendAlphas = hasBoth ? weekends.Alphas(all) : null;
        (double day, double slot) = Sigmas(hasBoth ? [workdays, weekends] : [first], all.Alpha() ?? 1);
        return new GammaSlotsOptions(
            [.. alphas.Select(a => Rounded(a, 3))],
            [.. alphas.Zip(first.RatesPerS, (a, r) => Rounded(a * r, 6))],
            weekendAlphas is null ? null : [.. weekendAlphas.Select(a => Rounded(a, 3))],
            weekendAlphas is null ? null : [.. weekendAlphas.Zip(weekends.RatesPerS, (a, r) => Rounded(a * r, 6))],
            load.FirstDay is null ? Weekday.Monday : (Weekday)load.WeekdayOf(firstDay),
            new WaveOptions(DaySigma: Rounded(day, 3), SlotSigma: Rounded(slot, 3)));
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
    /// What counts vary by beyond the process itself: between days, and between slots around their day's level. The
    /// slots' means are of the same days, which takes a degree of freedom.
    /// </summary>
    private static (double Day, double Slot) Sigmas(Kind[] kinds, double alpha)
    {
        (double dayExcess, double daySquares, double slotExcess, double slotSquares) = (0, 0, 0, 0);
        foreach (Kind kind in kinds.Where(k => k.Days.Length > 1))
        {
            double mean = kind.Totals.Average();
            double freedom = kind.Days.Length / (kind.Days.Length - 1.0);
            foreach ((int i, double total) in kind.Totals.Index())
            {
                dayExcess += (freedom * (total - mean) * (total - mean)) - (mean / alpha);
                daySquares += mean * mean;
                for (int s = 0; s < Slots; s++)
                {
                    double expected = mean == 0 ? 0 : kind.MeanOf(s) * total / mean;
                    double miss = kind.Counts[i][s] - expected;
                    slotExcess += (freedom * miss * miss) - (expected / alpha);
                    slotSquares += expected * expected;
                }
            }
        }

        double slot = slotSquares > 0 ? Math.Max(0, slotExcess / slotSquares) : 0;

        // Slots that vary alone make days vary too
        double day = daySquares > 0 ? Math.Max(0, (dayExcess / daySquares) - (slot / Slots)) : 0;
        return (Math.Sqrt(Math.Log(1 + day)), Math.Sqrt(Math.Log(1 + slot)));
    }

    /// <summary>The days of one kind.</summary>
    private sealed class Kind
    {
        internal Kind(double[] times, int[] days)
        {
            Days = days;
            Counts = [.. days.Select(_ => new double[Slots])];
            Dictionary<int, int> indexOf = days.Index().ToDictionary(d => d.Item, d => d.Index);
            foreach (double time in times)
            {
                int day = (int)Math.Floor(time / SecondsPerDay);
                if (indexOf.TryGetValue(day, out int i))
                {
                    Counts[i][(int)((time - (day * SecondsPerDay)) / SlotS)]++;
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

        internal double MeanOf(int slot) => Days.Length == 0 ? 0 : Counts.Average(c => c[slot]);

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
