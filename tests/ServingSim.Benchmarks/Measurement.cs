using System.Diagnostics;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>What one run of a case cost.</summary>
/// <param name="Figures">What it counted.</param>
/// <param name="CpuS">Processor time of the whole process, in seconds.</param>
/// <param name="Bytes">Bytes allocated.</param>
public readonly record struct Measurement(RunFigures Figures, double CpuS, long Bytes)
{
    /// <summary>The requests of a warm-up, which compiles what is measured.</summary>
    private const int WarmupRequests = 20_000;

    /// <summary>The columns of <see cref="Row"/>.</summary>
    public static string Header { get; } =
        "| case | mode | requests | CPU s | requests/s | steps/s | events/s | preemptions "
        + "| ns/request | B/request | peak MB | x stepper |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>Runs a case after a warm-up, and tells of the median repetition.</summary>
    public static string Row(MeasuredCase measured, RunMode mode, int repetitions, double scale) => mode switch
    {
        RunMode.Command => CommandRow(measured, repetitions, scale),
        RunMode.Ratio => RatioRow(measured, repetitions, scale),
        RunMode.Read => ReadRow(measured, repetitions, scale),
        _ => PlainRow(measured, mode, repetitions, scale),
    };

    private static string PlainRow(MeasuredCase measured, RunMode mode, int repetitions, double scale)
    {
        LoadedScenario warmup = measured.Load(scale, WarmupRequests, mode);
        LoadedScenario scenario = measured.Load(scale, mode: mode);
        Func<LoadedScenario, RunFigures> run = mode switch
        {
            RunMode.Engine => s => EngineRun.Run(s.Scenario),
            RunMode.Read => ReadRun.Run,
            _ => FullRun,
        };
        run(warmup);
        return Median([.. Enumerable.Range(0, repetitions).Select(_ => Of(() => run(scenario)))])
            .Text(measured.Name, mode, "");
    }

    /// <summary>Of a trace that is there for so long.</summary>
    private static string ReadRow(MeasuredCase measured, int repetitions, double scale)
    {
        MadeTrace trace = measured.Trace!;
        trace.Write((long)(measured.Requests!.Value * scale));
        try
        {
            return PlainRow(measured, RunMode.Read, repetitions, scale);
        }
        finally
        {
            File.Delete(trace.File);
        }
    }

    /// <summary>Engine and stepper in turns on the same requests; throws unless they agree in every figure.</summary>
    private static string RatioRow(MeasuredCase measured, int repetitions, double scale)
    {
        Scenario warmup = measured.Load(scale, WarmupRequests).Scenario;
        Compare(warmup, PlannedRequests.Of(warmup));
        Scenario scenario = measured.Load(scale).Scenario;
        PlannedRequests planned = PlannedRequests.Of(scenario);
        (Measurement Engine, Measurement Stepper)[] runs =
            [.. Enumerable.Range(0, repetitions).Select(_ => Compare(scenario, planned))];
        Measurement engine = Median([.. runs.Select(r => r.Engine)]);
        Measurement stepper = Median([.. runs.Select(r => r.Stepper)]);
        return engine.Text(
            measured.Name, RunMode.Ratio, $"{stepper.CpuS / engine.CpuS:0.0} (stepper {stepper.CpuS:0.00} s)");
    }

    private static (Measurement Engine, Measurement Stepper) Compare(Scenario scenario, PlannedRequests planned)
    {
        Measurement engine = Of(() => EngineRun.Run(scenario, new PlannedWorkload(planned)));
        Measurement stepper = Of(() => LiteralStepper.Run(
            planned, ClusterBuilder.SpecOf(scenario.Cluster, new RandomStreams(scenario.Seed))));
        RunFigures counted = engine.Figures with { Events = stepper.Figures.Events };
        Check.That(counted == stepper.Figures, $"the engine counts {engine.Figures}, the stepper {stepper.Figures}");
        return (engine, stepper);
    }

    private static string CommandRow(MeasuredCase measured, int repetitions, double scale)
    {
        (double cpuS, double wallS) = Enumerable.Range(0, repetitions)
            .Select(_ => CommandRun.Measure(measured, scale))
            .OrderBy(m => m.CpuS)
            .ElementAt(repetitions / 2);
        string requests = measured.Requests is { } all ? $"{(long)(all * scale):N0}" : "";
        string time = $"{cpuS:0.00} (wall {wallS:0.00})";
        return $"| {measured.Name} | {RunMode.Command} | {requests} | {time} | | | | | | | | |";
    }

    private static Measurement Median(Measurement[] runs) => runs.OrderBy(m => m.CpuS).ElementAt(runs.Length / 2);

    private static Measurement Of(Func<RunFigures> run)
    {
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long bytesBefore = GC.GetTotalAllocatedBytes();
        RunFigures figures = run();
        process.Refresh();
        return new Measurement(
            figures,
            (process.TotalProcessorTime - before).TotalSeconds,
            GC.GetTotalAllocatedBytes() - bytesBefore);
    }

    private static RunFigures FullRun(LoadedScenario scenario)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("servingsim-");
        try
        {
            Summary summary = ScenarioRunner.Run(scenario, new RunOptions(folder.FullName)).Summary;
            return new RunFigures(
                summary.Arrived, summary.Overall.Steps ?? 0, summary.Events, summary.Overall.Preemptions);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string Text(string name, RunMode mode, string ratio)
    {
        using Process process = Process.GetCurrentProcess();
        return $"| {name} | {mode} | {Figures.Requests:N0} | {CpuS:0.00} | {Figures.Requests / CpuS:N0} "
            + $"| {Figures.Steps / CpuS:N0} | {Figures.Events / CpuS:N0} | {Figures.Preemptions:N0} "
            + $"| {1e9 * CpuS / Figures.Requests:N0} | {(double)Bytes / Figures.Requests:N0} "
            + $"| {process.PeakWorkingSet64 / 1e6:N0} | {ratio} |";
    }
}
