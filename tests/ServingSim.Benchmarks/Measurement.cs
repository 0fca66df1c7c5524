using System.Diagnostics;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

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
        + "| ns/request | B/request | peak MB |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>Runs a case after a warm-up, and tells of the median repetition.</summary>
    public static string Row(MeasuredCase measured, RunMode mode, int repetitions)
    {
        Of(measured.Load(mode, WarmupRequests), mode);
        LoadedScenario scenario = measured.Load(mode);
        Measurement[] runs = [.. Enumerable.Range(0, repetitions).Select(_ => Of(scenario, mode)).OrderBy(m => m.CpuS)];
        Measurement median = runs[repetitions / 2];
        using Process process = Process.GetCurrentProcess();
        return median.Text(measured.Name, mode, process.PeakWorkingSet64);
    }

    private static Measurement Of(LoadedScenario scenario, RunMode mode)
    {
        GC.Collect();
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long bytesBefore = GC.GetTotalAllocatedBytes();
        RunFigures figures = mode == RunMode.Engine ? EngineRun.Run(scenario.Scenario) : FullRun(scenario);
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

    private string Text(string name, RunMode mode, long peakBytes) =>
        $"| {name} | {mode} | {Figures.Requests:N0} | {CpuS:0.00} | {Figures.Requests / CpuS:N0} "
        + $"| {Figures.Steps / CpuS:N0} | {Figures.Events / CpuS:N0} | {Figures.Preemptions:N0} "
        + $"| {1e9 * CpuS / Figures.Requests:N0} | {(double)Bytes / Figures.Requests:N0} | {peakBytes / 1e6:N0} |";
}
