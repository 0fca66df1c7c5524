using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>The main job: a real week of BurstGPT, every row accounted for, every law checked.</summary>
public sealed class BurstGptWeekTests : IDisposable
{
    private const string Week = "burstgpt/BurstGPT_first7days.csv";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-week-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SharedDataFact(Week)]
    public void Every_row_of_the_week_is_accounted_for()
    {
        Summary summary = Run("burstgpt-week.yaml");
        Assert.Equal(
            (19_431, 1_538, 1_535, 17_893),
            (summary.Trace!.RowsRead, summary.Trace.Failed, summary.Trace.FailedWithoutSize, summary.Trace.Given));
        RequestCounts counts = summary.Overall.Counts;
        Assert.Equal(17_893, counts.Completed + counts.Refused + counts.Aborted + counts.Lost + counts.Unfinished);

        // Three prompts are longer than Llama-2's 4,096 positions
        Assert.Equal((17_890, 3), (counts.Completed, counts.Refused));
        Assert.Equal(17_893, File.ReadLines(Path.Combine(_folder.FullName, ResultFolder.RequestsCsv)).Count() - 1);
    }

    [SharedDataFact(Week)]
    public void The_week_played_faster_queues_at_its_peaks_and_rests_at_night()
    {
        RunResult result = RunResultOf("burstgpt-busy.yaml");
        Assert.Equal(17_890, result.Summary.Overall.Counts.Completed);
        Assert.True(result.Summary.Overall.Ttft!.P99Ms > 100 * result.Summary.Overall.Ttft.P50Ms);

        // A window is a minute, a day is 28.8 of them: each of the seven nights is idle, most days queue
        var days = result.Windows.GroupBy(w => (int)(w.StartS / (86_400.0 / 50))).Where(d => d.Key < 7).ToList();
        Assert.Equal(7, days.Count);
        Assert.All(days, day => Assert.True(day.Min(w => w.RunningMean) < 2));
        Assert.True(days.Count(day => day.Max(w => w.WaitingMean) > 30) >= 3);
    }

    private Summary Run(string scenario) => RunResultOf(scenario).Summary;

    private RunResult RunResultOf(string scenario) => ScenarioRunner.Run(
        LoadedScenario.Read(
            Path.Combine(SharedData.Root, "configs", "scenarios", scenario),
            [$"workload.source.path={SharedData.Find(Week)}"],
            Catalog.Default),
        new RunOptions(_folder.FullName) { Audit = true });
}
