using ServingSim.Cluster;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Distances;

/// <summary>How far days made by some model are from the real day that it did not see.</summary>
/// <param name="Model">What made them.</param>
/// <param name="Distances">
/// By measure, and their mean as "mean": of each held-back day, the mean over the days made.
/// </param>
public sealed record MadeDays(string Model, IReadOnlyDictionary<string, IReadOnlyList<double>> Distances);

/// <summary>
/// Judges a model by days that it did not see: each workday is held back in turn, the model is fitted to the others,
/// and days that it makes are compared with the one held back, beside a Poisson process and the Gamma process of
/// BurstGPT's demonstration (α = 0.5), both with the others' mean rate and the model's lengths.
/// </summary>
/// <param name="Service">The service, as tables call it.</param>
/// <param name="Days">The days held back, counted from the axis' day 0.</param>
/// <param name="Between">The distances between pairs of real workdays, by measure, and their mean as "mean".</param>
/// <param name="Made">The models.</param>
public sealed record HeldBackDays(
    string Service, IReadOnlyList<int> Days, IReadOnlyDictionary<string, IReadOnlyList<double>> Between,
    IReadOnlyList<MadeDays> Made)
{
    /// <summary>The mean over the measures.</summary>
    public const string Mean = "mean";

    private const double SecondsPerDay = 86_400;
    private const int Fewest = 3;
    private const int Seeds = 5;

    /// <summary>
    /// Holds back each workday of a trace's services; those with too few days or rows are left out. Throws
    /// <see cref="TraceException"/>.
    /// </summary>
    public static IReadOnlyList<HeldBackDays> Of(
        string path, int blockTokens, Catalog catalog, CancellationToken cancellation)
    {
        TraceColumns columns = TraceColumns.Read(path, null, blockTokens, cancellation);
        List<HeldBackDays> found = [];
        ServiceRows all = columns.Select(TraceColumns.All, _ => true);
        (int first, int last) = (HourlyLoad.HourOf(all.Times[0]), HourlyLoad.HourOf(all.Times[^1]));
        foreach (TraceService service in columns.LargestServices(TraceDescription.MostServices))
        {
            ServiceRows rows = columns.Select(service.Name, s => s == service);
            HourlyLoad load = HourlyLoad.Of(rows, first, last, columns.FirstDay);
            if (Of(service, rows, load, catalog, cancellation) is { } days)
            {
                found.Add(days);
            }
        }

        return found.Count > 0 ? found : throw new TraceException(
            path, null, $"no service has {Fewest} whole workdays with rows enough to hold one back");
    }

    private static HeldBackDays? Of(
        TraceService service, ServiceRows rows, HourlyLoad load, Catalog catalog, CancellationToken cancellation)
    {
        (int first, int last) = SlotModel.WholeDays(load);
        int[] days =
        [
            .. Enumerable.Range(first, last - first + 1)
                .Where(d => !load.IsWeekend(d) && DayOf(rows, d).Count >= Burstiness.FewestOfFit * 20),
        ];
        if (days.Length < Fewest)
        {
            return null;
        }

        ServiceRows[] real = [.. days.Select(d => DayOf(rows, d))];
        List<WorkloadDistance> between = [];
        for (int i = 0; i < real.Length; i++)
        {
            between.AddRange(real.Skip(i + 1).Select(other => WorkloadDistance.Of(real[i], other)));
        }

        string[] models = ["fitted", "Poisson", "Gamma, α = 0.5"];
        List<WorkloadDistance[]>[] made = [.. models.Select(_ => new List<WorkloadDistance[]>())];
        foreach ((int i, int day) in days.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            WorkloadSection fitted = WorkloadFit.PartWithout(service, rows, load, day, catalog);
            double rate = days.Where(d => d != day).Average(d => DayOf(rows, d).Count) / SecondsPerDay;
            WorkloadSection[] sections =
            [
                fitted,
                fitted with { Arrivals = catalog.Arrivals.Choose("poisson", new PoissonOptions(rate)) },
                fitted with { Arrivals = catalog.Arrivals.Choose("gamma", new GammaOptions(rate, 0.5)) },
            ];
            foreach ((int m, WorkloadSection section) in sections.Index())
            {
                made[m].Add(
                [
                    .. Enumerable.Range(1, Seeds).Select(seed => WorkloadDistance.Of(
                        MakeDay(section, (day * Seeds) + seed, load, catalog), real[i])),
                ]);
            }
        }

        return new HeldBackDays(
            service.Name, days, ByMeasure([.. between.Select(d => new[] { d })]),
            [.. models.Zip(made, (name, distances) => new MadeDays(name, ByMeasure(distances)))]);
    }

    /// <summary>The mean of each group, by measure, those left out that no group has.</summary>
    private static Dictionary<string, IReadOnlyList<double>> ByMeasure(List<WorkloadDistance[]> groups)
    {
        Dictionary<string, IReadOnlyList<double>> found = [];
        foreach (string name in groups[0][0].Measures.Select(m => m.Name))
        {
            double[] means = [.. groups.Select(g => g.Average(d => d[name].Distance)).OfType<double>()];
            if (means.Length > 0)
            {
                found.Add(name, means);
            }
        }

        found.Add(Mean, [.. groups.Select(g => g.Average(d => d.Mean)).OfType<double>()]);
        return found;
    }

    private static ServiceRows DayOf(ServiceRows rows, int day) =>
        rows.Between(day * SecondsPerDay, (day + 1) * SecondsPerDay);

    /// <summary>The first workday that a model makes.</summary>
    private static ServiceRows MakeDay(WorkloadSection section, long seed, HourlyLoad load, Catalog catalog)
    {
        int first = SlotModel.WholeDays(load).First;
        int day = Enumerable.Range(0, HourlyLoad.DaysPerWeek).First(d => !load.IsWeekend(first + d));
        List<(double Time, int Prompt, int Output)> rows = [];
        using IWorkload workload = WorkloadContext.Create(
            TraceGenerator.Predicting(section, catalog), seed,
            new WorkloadLimits(SimTime.FromSeconds((day + 1) * SecondsPerDay)), "fitted", givesFailures: true);
        while (workload.NextArrival is { } at)
        {
            ClientRequest request = workload.Take();
            workload.OnFinished(request, ClientOutcome.Completed, at, request.PredictedOutputTokens!.Value);
            if (at.TotalSeconds >= day * SecondsPerDay)
            {
                bool isFailed = request.Labels[ServiceWorkload.FailedLabel] is not null;
                rows.Add((
                    at.TotalSeconds, request.PromptTokens, isFailed ? 0 : request.PredictedOutputTokens!.Value));
            }
        }

        return new ServiceRows(
            "made", [.. rows.Select(r => r.Time)], [.. rows.Select(r => r.Prompt)], [.. rows.Select(r => r.Output)],
            []);
    }
}
