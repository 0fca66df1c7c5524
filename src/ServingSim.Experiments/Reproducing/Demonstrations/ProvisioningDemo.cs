using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Forecasting;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// Days of conversations on as many replicas as a forecast of the next bin asks for, or always the same number. A
/// forecast is known when its bin begins; replicas that it asks for serve after their cold start.
/// </summary>
/// <param name="Figures">By way of provisioning and margin, or number of replicas; a replication is a day.</param>
/// <param name="Days">The days, counted from the axis' day 0.</param>
internal sealed record ProvisioningDemo(PairedFigures Figures, IReadOnlyList<int> Days)
{
    /// <summary>As many replicas all day.</summary>
    internal const string Static = "static";

    /// <summary>By what really came in the bin: what a forecast without error would do.</summary>
    internal const string Perfect = "perfect forecast";

    private const double SecondsPerDay = 86_400;

    /// <summary>Runs it.</summary>
    /// <param name="rows">The rows of the service.</param>
    /// <param name="forecast">Forecasts of its requests.</param>
    /// <param name="series">What came.</param>
    /// <param name="scenario">The pool.</param>
    /// <param name="options">How.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    internal static ProvisioningDemo Run(
        ServiceRows rows, LoadForecast forecast, LoadSeries series, LoadedScenario scenario, ForecastOptions options,
        ParallelRuns parallel)
    {
        IReadOnlyList<int> days = Workdays(series, forecast.FirstTested, options.Days);
        double mean = days.Average(d => rows.Between(d * SecondsPerDay, (d + 1) * SecondsPerDay).Count);
        int copies = ScaledDay.Copies(mean, 1, options.RatePerS);
        IReadOnlyList<RequestRow>[] requests =
            [.. days.Select(d => ScaledDay.Of(rows, d, copies, 1, ScaledDay.SeedOf(scenario, d)))];
        double perReplica = options.RequestsPerReplicaPerS * series.BinS / copies;
        int most = scenario.Scenario.Cluster.Pools["main"].Scaling!.MaxReplicas;
        int peak = Needed(days.Max(d => Bins(series, d).Max(b => series.Requests[b])), 1);
        (string Way, string Setting, int Day, int[] Counts)[] runs =
        [
            .. from replicas in Enumerable.Range(1, peak)
               from day in Enumerable.Range(0, days.Count)
               select (Static, $"{replicas}", day, new[] { replicas }),
            .. from way in LoadForecast.Methods.Append(Perfect)
               from margin in options.Margins
               from day in Enumerable.Range(0, days.Count)
               select (way, Cells.Number(margin, 2), day, Counts(way, margin, days[day])),
        ];
        IReadOnlyList<RunResult> results = parallel.Map(runs.Length, i => Replications.RunOf(
            RowsWorkload.Replay(With(scenario, runs[i].Counts, series.BinS), requests[runs[i].Day]), 0,
            parallel.Cancellation));
        PairedFigures figures = new("way", "setting");
        foreach (((string way, string setting, _, _), RunResult result) in runs.Zip(results))
        {
            figures.Add("attainment", result.Summary.Overall.Attainment, way, setting);
            figures.Add("gpu_hours", FleetFigures.Sum([.. result.Summary.Fleet.Values]).GpuHours, way, setting);
            figures.Add("p99_ttft_s", result.Summary.Overall.Ttft?.P99Ms / 1e3, way, setting);
        }

        return new ProvisioningDemo(figures, days);

        int Needed(double count, double margin) =>
            Math.Clamp((int)Math.Ceiling(margin * count / perReplica), 1, most);

        int[] Counts(string way, double margin, int day) =>
        [
            .. Bins(series, day).Select(bin => Needed(
                way == Perfect ? series.Requests[bin] : forecast.Forecasts[way][bin - forecast.FirstTested], margin)),
        ];
    }

    /// <summary>The setting of a way that reaches an attainment at the least cost; null if none does.</summary>
    internal IReadOnlyList<string>? Cheapest(string way, double attainment) => Figures.Cases
        .Where(c => c[0] == way && Figures.Of("attainment", c)?.Mean >= attainment)
        .MinBy(c => Figures.Of("gpu_hours", c)!.Value.Mean);

    /// <summary>The last whole workdays from a bin on; any days where weekdays are not known.</summary>
    internal static IReadOnlyList<int> Workdays(LoadSeries series, int firstBin, int count)
    {
        int first = (series.FirstBin + firstBin + series.BinsPerDay - 1) / series.BinsPerDay;
        int past = (series.FirstBin + series.Count) / series.BinsPerDay;
        HourlyLoad calendar = new(0, series.FirstDay, []);
        return [.. Enumerable.Range(first, past - first).Where(d => !calendar.IsWeekend(d)).TakeLast(count)];
    }

    /// <summary>The bins of a day, as indexes into the series.</summary>
    private static IEnumerable<int> Bins(LoadSeries series, int day) =>
        Enumerable.Range((day * series.BinsPerDay) - series.FirstBin, series.BinsPerDay);

    private static LoadedScenario With(LoadedScenario scenario, int[] counts, double binS) => scenario.With(s => s with
    {
        Cluster = s.Cluster with
        {
            Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(pool => KeyValuePair.Create(
                pool.Key, (object?)(pool.Value with
                {
                    Replicas = counts[0],
                    Scaling = pool.Value.Scaling! with { Autoscaler = Schedules.Of(counts, binS, binS) },
                })))),
        },
    });
}
