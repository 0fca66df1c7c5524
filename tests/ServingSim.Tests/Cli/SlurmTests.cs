using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace ServingSim.Tests.Cli;

/// <summary>A sweep on a real Slurm, of which a node dies.</summary>
public sealed class SlurmTests(ITestOutputHelper log) : IDisposable
{
    private const int Shards = 3;
    private static readonly string State = Environment.GetEnvironmentVariable("SLURM_ONEBOX") ?? "";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [SlurmFact]
    [Trait("Category", "Slurm")]
    public void A_sweep_whose_node_dies_gives_the_bytes_of_the_local_one()
    {
        string file = _cli.File("s.yaml", SweepSample.Text(
            "{ name: grid, axes: { workload.arrivals.rate_per_s: [20, 30, 40, 50, 60, 70, 80, 90, 100] } }",
            requests: 20_000));
        Assert.Equal(0, _cli.Run("sweep", file, "--out", _cli.In("local"), "--jobs", "2"));
        try
        {
            Call("bash", SlurmFactAttribute.Tool, "up", $"{Shards}", "1");
            Call(
                "dotnet", Program, "sweep", "submit", file, "--engine", "slurm", "--shards", $"{Shards}", "--out",
                _cli.In("cluster"), "--program", "dotnet", "--program", Program);
            Wait(() => _cli.FilesOf("cluster/units").Length >= Shards && ShardLog.Contains("process"));
            KillNodeOf(ShardLog);
            Wait(() => _cli.FilesOf("cluster").Contains("gather.log")
                && _cli.Text("cluster", "gather.log").Contains("results in"));
            log.WriteLine(ShardLog);
            log.WriteLine(_cli.Text("cluster", "gather.log"));
            Call("sinfo", "--noheader", "--Node");
        }
        finally
        {
            Call("bash", SlurmFactAttribute.Tool, "down");
        }

        // Two nodes had the shard, and the second did not run again what the first had
        Assert.Equal(2, Regex.Count(ShardLog, "shard 0 on n"));
        Assert.Matches("[0-9] runs made, [1-9] were there already", ShardLog);
        SweepSample.SameResults(_cli, "local", "cluster");
        log.WriteLine("points.csv, units.csv, pictures and the names of all units are those of the local sweep");
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "servingsim.dll");

    private string ShardLog
    {
        get
        {
            string path = Path.Combine(_cli.In("cluster"), "shard-0.log");
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
    }

    /// <summary>As if its power failed: Slurm's daemon, its step and the program end at once.</summary>
    private void KillNodeOf(string shardLog)
    {
        Match match = Regex.Match(shardLog, "shard 0 on (n[0-9]+), process ([0-9]+) of ([0-9]+)");
        string node = match.Groups[1].Value;
        string daemon = File.ReadAllText(Path.Combine(State, "run", $"slurmd.{node}.pid")).Trim();
        foreach (string id in new[] { daemon, match.Groups[3].Value, match.Groups[2].Value })
        {
            using Process process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
            process.Kill();
        }

        log.WriteLine($"killed node {node} after {_cli.FilesOf("cluster/units").Length} of 18 runs");
    }

    private void Call(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["SLURM_CONF"] = Path.Combine(State, "etc", "slurm.conf");
        using Process process = Process.Start(start)!;

        // Daemons that it starts keep its output open, so it is read by lines only until it ends
        process.OutputDataReceived += (_, line) => log.WriteLine(line.Data ?? "");
        process.BeginOutputReadLine();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), $"{program} does not end");
        Assert.Equal(0, process.ExitCode);
    }

    private static void Wait(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            Thread.Sleep(20);
            return isSo();
        },
        Patience));
}
