using System.Diagnostics;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>A sweep in a process of its own that is killed, as by a node's death, and started again.</summary>
public sealed class SweepKillTests : IDisposable
{
    private const int Kills = 10;
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_sweep_killed_ten_times_gives_the_bytes_of_one_that_was_not()
    {
        string rates = string.Join(", ", Enumerable.Range(1, 22).Select(i => 10 * i));
        string file = _cli.File("s.yaml", SweepSample.Text(
            $"{{ name: grid, axes: {{ workload.arrivals.rate_per_s: [{rates}] }} }}", requests: 400));
        Assert.Equal(0, _cli.Run("sweep", file, "--out", _cli.In("whole")));
        int killed = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process process = Start(file, "out");
            while (!process.HasExited && SweepSample.UnitFiles(_cli, "out").Length <= 4 * kill)
            {
                Thread.Sleep(1);
            }

            process.Kill();
            process.WaitForExit();
            killed += process.ExitCode == 0 ? 0 : 1;
        }

        // How far a process comes before it is killed is chance; that one was killed half way is not
        Assert.InRange(killed, 1, Kills);
        using Process last = Start(file, "out");
        last.WaitForExit();
        Assert.Equal(0, last.ExitCode);
        SweepSample.SameResults(_cli, "whole", "out");
        Assert.DoesNotContain(_cli.FilesOf("out/units"), name => name.EndsWith(".partial", StringComparison.Ordinal));
    }

    private Process Start(string file, string folder) => Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "servingsim.dll"), "sweep", file, "--out", _cli.In(folder), "--jobs",
            "1", "--quiet",
        ]))!;
}
