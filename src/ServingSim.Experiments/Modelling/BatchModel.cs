using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>
/// Fits batches with off times between, how busy hours and days are, and whether jobs repeat prompts.
/// </summary>
internal static class BatchModel
{
    /// <summary>A longer gap ends a batch, in seconds.</summary>
    internal const double PauseS = 60;

    private const int FewestDays = 5;
    private const int FewestOfJob = 30;
    private const double MostSigma = 2.5;
    private const double RepeatedShare = 0.5;
    private const double LeastGapS = 1e-6;

    /// <summary>The process of a service with at least two rows.</summary>
    /// <param name="times">When its rows came, in seconds, rising.</param>
    /// <param name="load">Its load by hour.</param>
    /// <param name="traceS">How long the whole trace is, in seconds, so that the mean rate is the data's.</param>
    internal static BatchesOptions Of(double[] times, HourlyLoad load, double traceS)
    {
        (double batches, double inside, double insideLogs, List<double> off) = (1, 0, 0, []);
        for (int i = 1; i < times.Length; i++)
        {
            double gap = Math.Max(times[i] - times[i - 1], LeastGapS);
            if (gap >= PauseS)
            {
                batches++;
                off.Add(gap);
                continue;
            }

            inside += gap;
            insideLogs += Math.Log(gap);
        }

        double gaps = times.Length - batches;
        double requests = times.Length / batches;
        double ratePerS = gaps > 0 ? gaps / inside : 1;
        double shape = gaps > 1 ? Math.Clamp(GammaFit.Of(inside / gaps, insideLogs / gaps)?.Alpha ?? 1, 0.05, 10) : 1;

        double offMean = off.Count > 0 ? Math.Max(PauseS, (traceS - inside) / batches) : PauseS;
        double? offSigma = off.Count > 2 ? Sample.Moments([.. off.Select(o => Math.Log(o))]).Deviation : null;
        return new BatchesOptions(
            Rounded(requests, 2), Rounded(ratePerS, 4), SimTime.FromSeconds(Math.Round(offMean)),
            offSigma is { } sigma ? Rounded(Math.Min(sigma, MostSigma), 3) : null, Rounded(shape, 3),
            HourFactors(load), new WaveOptions(DaySigma: DaySigma(load)));
    }

    /// <summary>What jobs repeat: the different prompts of half of them, where those are few; null where not.</summary>
    internal static CycleOptions? Cycle(ServiceRows rows)
    {
        List<(int Rows, int Prompts)> jobs = [];
        for (int from = 0, to; from < rows.Count; from = to)
        {
            to = from + 1;
            while (to < rows.Count && rows.Times[to] - rows.Times[to - 1] < PauseS)
            {
                to++;
            }

            if (to - from >= FewestOfJob)
            {
                jobs.Add((to - from, rows.Prompts.AsSpan(from, to - from).ToArray().Distinct().Count()));
            }
        }

        double[] shares = Sample.Sorted(jobs.Select(j => (double)j.Prompts / j.Rows));
        return Sample.Quantile(shares, 0.5) < RepeatedShare
            ? new CycleOptions(
                (int)Sample.Quantile(Sample.Sorted(jobs.Select(j => (double)j.Prompts)), 0.5)!.Value,
                SimTime.FromSeconds(PauseS))
            : null;
    }

    private static IReadOnlyList<double>? HourFactors(HourlyLoad load)
    {
        double?[] means =
        [
            .. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(h => load.Box(h, l => l.Requests)?.Mean),
        ];
        double mean = means.Average() ?? 0;

        // Hours of few days are chance, not habit
        return load.LastDayIndex - load.FirstDayIndex + 1 < FewestDays || means.Any(m => m is null) || mean == 0
            ? null
            : [.. means.Select(m => Math.Round(m!.Value / mean, 3))];
    }

    /// <summary>The spread of the logarithm of the days' counts, those without any left out.</summary>
    private static double DaySigma(HourlyLoad load)
    {
        (int first, int last) = SlotModel.WholeDays(load);
        double[] logs =
        [
            .. load.Days().Where(d => d.Day >= first && d.Day <= last && d.Load.Requests > 0)
                .Select(d => Math.Log(d.Load.Requests)),
        ];
        return logs.Length < FewestDays ? 0 : Math.Round(Math.Min(Sample.Moments(logs).Deviation, MostSigma), 3);
    }

    private static double Rounded(double value, int decimals) => Math.Round(value, decimals);
}
