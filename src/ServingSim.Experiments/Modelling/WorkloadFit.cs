using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>What was fitted to a service.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Source">The source it became; null where there are too few rows.</param>
/// <param name="Arrivals">The arrival process it became.</param>
/// <param name="Why">What decided.</param>
public sealed record FittedService(string Name, int Rows, string? Source, string? Arrivals, string Why);

/// <summary>A workload fitted to a trace.</summary>
/// <param name="File">What scenarios include.</param>
/// <param name="Trace">The trace, as the user named it.</param>
/// <param name="Services">What became of each service.</param>
public sealed record WorkloadFit(WorkloadFile File, string Trace, IReadOnlyList<FittedService> Services)
{
    private const int Fewest = 30;
    private const int MostServices = 16;
    private const double BatchDispersion = 5;
    private const double BatchVariation = 1.25;
    private const int HoursOfSlots = 24;
    private const double SecondsPerDay = 86_400;

    /// <summary>
    /// Fits every service with rows enough: Gamma gaps by slots, or batches; lengths, failures, sessions. Throws
    /// <see cref="TraceException"/>.
    /// </summary>
    public static WorkloadFit Of(
        string path, TraceFormat? format, int blockTokens, Catalog catalog, CancellationToken cancellation)
    {
        TraceColumns columns = TraceColumns.Read(path, format, blockTokens, cancellation);
        List<WorkloadSection> parts = [];
        List<FittedService> services = [];
        ServiceRows all = columns.Select(TraceColumns.All, _ => true);
        (int firstHour, int lastHour) = (HourlyLoad.HourOf(all.Times[0]), HourlyLoad.HourOf(all.Times[^1]));
        foreach (TraceService service in columns.LargestServices(MostServices))
        {
            cancellation.ThrowIfCancellationRequested();
            ServiceRows rows = columns.Select(service.Name, s => s == service);
            (int[] prompts, _) = rows.Successes();
            if (rows.Count < Fewest || prompts.Length == 0)
            {
                services.Add(new FittedService(service.Name, rows.Count, null, null, $"fewer than {Fewest} rows"));
                continue;
            }

            HourlyLoad load = HourlyLoad.Of(rows, firstHour, lastHour, columns.FirstDay);
            (WorkloadSection part, string why) = PartOf(service, rows, all, load, catalog);
            parts.Add(part);
            services.Add(new FittedService(service.Name, rows.Count, part.Source.Name, part.Arrivals!.Name, why));
        }

        if (parts.Count == 0)
        {
            throw new TraceException(path, null, $"no service has {Fewest} rows or more, some of them answered");
        }

        WorkloadSection workload = parts.Count == 1
            ? parts[0]
            : new WorkloadSection(
                catalog.Workloads.Choose("mix", new MixOptions(parts)), new Dictionary<string, string>());
        (int firstDay, int lastDay) = SlotModel.WholeDays(HourlyLoad.Of(all, firstHour, lastHour, columns.FirstDay));
        SimTime duration = SimTime.FromSeconds(
            lastHour - firstHour + 1 >= HoursOfSlots
                ? (lastDay - firstDay + 1) * 86_400.0
                : Math.Max(1, Math.Ceiling(Span(all))));
        return new WorkloadFit(new WorkloadFile(workload, Duration: duration), path, services);
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path)
    {
        string full = TraceFile.FullPath(path, "a file to write");
        string folder = Path.GetDirectoryName(full)!;
        AtomicFile.Write(
            folder, Path.GetFileName(full),
            $"# Fitted by servingsim {LoadedScenario.Version} to {Path.GetFileName(Trace)}: for 'workload generate',\n"
            + $"# or a scenario's include\n{FlowLists.Of(ScenarioWriter.Write(File, folder))}");
    }

    /// <summary>The process with slots, lengths and failures of a service, as if one day had not been.</summary>
    internal static WorkloadSection PartWithout(
        TraceService service, ServiceRows rows, HourlyLoad load, int day, Catalog catalog)
    {
        ServiceRows others = rows.Without(day * SecondsPerDay, (day + 1) * SecondsPerDay);
        (int[] prompts, int[] outputs) = others.Successes();
        HourlyLoad left = HourlyLoad.Of(others, load.FirstHour, load.FirstHour + load.Hours.Count - 1, load.FirstDay);
        return new WorkloadSection(
            catalog.Workloads.Choose("service", new ServiceOptions(FailuresOf(others, left))),
            new Dictionary<string, string>(),
            catalog.Arrivals.Choose("gamma-slots", SlotModel.Of(rows.Times, load, day)))
        {
            Lengths = catalog.JointLengths.Choose("joint-bins", LengthModel.Of(service.Name, prompts, outputs)),
        };
    }

    private static (WorkloadSection Part, string Why) PartOf(
        TraceService service, ServiceRows rows, ServiceRows all, HourlyLoad load, Catalog catalog)
    {
        Dictionary<string, string> labels = [];
        foreach ((string name, string? value) in new[]
        {
            ("model", service.Model), ("log_type", service.LogType), ("tenant", service.Tenant),
        })
        {
            if (value is not null)
            {
                labels.Add(name, value);
            }
        }

        if (SessionModel.Of(rows, catalog) is { } sessions)
        {
            (PartChoice<IArrivals, RandomStreams> starts, _) = ArrivalsOf(sessions.FirstTurns, load, null, catalog);
            return (
                new WorkloadSection(catalog.Workloads.Choose("sessions", sessions.Options), labels, starts)
                {
                    PromptTokens = catalog.Lengths.Choose("quantiles", sessions.NewTokens),
                    OutputTokens = catalog.Lengths.Choose("quantiles", sessions.OutputTokens),
                },
                "its rows have sessions; failures are left out");
        }

        Burstiness burstiness = Burstiness.Of(rows, load);
        double? dispersion = Dispersion.Of(rows, all).Single(d => d.ScaleS == 60).WithinHours;
        double? variation = burstiness.Variations.Single(v => v.LengthS == 300).P50;
        bool isBatches = dispersion > BatchDispersion || variation > BatchVariation;
        (int[] prompts, int[] outputs) = rows.Successes();
        (PartChoice<IArrivals, RandomStreams> arrivals, string process) =
            ArrivalsOf(rows.Times, load, isBatches ? Span(all) : null, catalog);
        ServiceOptions options = new(FailuresOf(rows, load), isBatches ? BatchModel.Cycle(rows) : null);
        return (
            new WorkloadSection(catalog.Workloads.Choose("service", options), labels, arrivals)
            {
                Lengths = catalog.JointLengths.Choose(
                    "joint-bins", LengthModel.Of($"{prompts.Length} answered rows", prompts, outputs)),
            },
            $"{process}: dispersion in a minute {Told(dispersion)}, variation in 5 minutes {Told(variation)}");
    }

    private static (PartChoice<IArrivals, RandomStreams> Choice, string Why) ArrivalsOf(
        double[] times, HourlyLoad load, double? batchesOfS, Catalog catalog)
    {
        if (batchesOfS is { } traceS)
        {
            return (catalog.Arrivals.Choose("batches", BatchModel.Of(times, load, traceS)), "bursts");
        }

        if (load.Hours.Count >= HoursOfSlots)
        {
            return (catalog.Arrivals.Choose("gamma-slots", SlotModel.Of(times, load)), "no bursts");
        }

        // Of less than a day nothing is known of other hours
        GammaFit? fit = GammaFit.Of(
            (times[^1] - times[0]) / (times.Length - 1),
            times.Zip(times.Skip(1), (a, b) => Math.Log(Math.Max(b - a, 1e-9))).Average());
        GammaOptions options = new(
            Math.Round((times.Length - 1) / (times[^1] - times[0]), 6),
            Math.Round(Math.Clamp(fit?.Alpha ?? 1, 0.01, 1e4), 3));
        return (catalog.Arrivals.Choose("gamma", options), "less than a day");
    }

    private static double Span(ServiceRows all) => all.Times[^1] - all.Times[0];

    private static string Told(double? figure) =>
        figure?.ToString("0.0", CultureInfo.InvariantCulture) ?? "unknown";

    private static FailureOptions? FailuresOf(ServiceRows rows, HourlyLoad load)
    {
        Failures failures = Failures.Of(rows, load);
        Composition composition = Composition.Of(rows);
        return composition.Failed == 0 ? null : new FailureOptions(
            Math.Round(failures.Share, 5),
            failures.ShareAfterFailure is { } after ? Math.Round(Math.Min(after, 0.99), 4) : null,
            Math.Round(1 - ((double)composition.FailedWithoutSize / composition.Failed), 4));
    }
}
