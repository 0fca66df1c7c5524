using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary><c>sweep</c> on this machine, whole and in shards.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private int Sweep(string file, string folder, params string[] more) =>
        _cli.Run(["sweep", file, "--out", _cli.In(folder), .. more]);

    private string Tiny(string? points = null, string more = "") =>
        _cli.File("tiny.yaml", SweepSample.Text(points, more));

    private string LastLine => _cli.Output.TrimEnd().Split('\n')[^1].Replace(_cli.Folder + "/", "");

    [Fact]
    public void A_sweep_writes_a_row_a_point_and_a_row_a_run()
    {
        Assert.Equal(0, Sweep(Tiny(), "out"));
        Assert.Equal(["heatmap.png", "points.csv", "sweep.png", "sweep.yaml", "units", "units.csv"],
            _cli.FilesOf("out"));
        string[][] points = Rows("points.csv");
        Assert.Equal(
            [
                "point", "workload.arrivals.rate_per_s", "cluster.pools.main.replicas", "replications",
                "growing_queues", "events", "events_half_width",
            ],
            points[0][..7]);
        Assert.Equal(7, points.Length);
        Assert.Equal(["1", "20", "1", "2", "0"], points[1][..5]);
        Assert.Equal(["6", "80", "2", "2", "0"], points[6][..5]);
        string[][] units = Rows("units.csv");
        Assert.Equal(13, units.Length);
        Assert.Equal(
            ["point", "workload.arrivals.rate_per_s", "cluster.pools.main.replicas", "replication", "seed"],
            units[0][..5]);
        Assert.Equal(["6", "80", "2", "1", "2"], units[12][..5]);

        // The mean of a point is that of its runs, to the bit
        int mean = Array.IndexOf(points[0], "mean_ttft_ms");
        int ttft = Array.IndexOf(units[0], "mean_ttft_ms");
        double[] runs = [.. units[11..].Select(r => double.Parse(r[ttft]))];
        Assert.Equal(runs.Average(), double.Parse(points[6][mean]), 12);
        Assert.All(points, row => Assert.Equal(points[0].Length, row.Length));
        Assert.Contains("tiny: 6 points, 2 replications each; ± is half a 95 % interval", _cli.Output);
        Assert.All(_cli.Output.Split("runs made")[0].Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    private string[][] Rows(string name) =>
        [.. _cli.Text("out", name).TrimEnd().Split('\n').Select(row => row.Split(','))];

    [Fact]
    public void Tables_are_also_written_as_Parquet()
    {
        Assert.Equal(0, Sweep(Tiny(more: "format: both"), "out"));
        Assert.Equal(
            ["heatmap.png", "points.csv", "points.parquet", "sweep.png", "sweep.yaml", "units", "units.csv",
                "units.parquet"],
            _cli.FilesOf("out"));
        byte[] parquet = _cli.Bytes("out", "points.parquet");
        Assert.Equal("PAR1", System.Text.Encoding.ASCII.GetString(parquet[..4]));
        Assert.Equal(0, Sweep(Tiny(), "out"));
        Assert.DoesNotContain("points.parquet", _cli.FilesOf("out"));
        Assert.Equal("0 runs made, 12 were there already; results in out", LastLine);
    }

    [Fact]
    public void A_unit_is_the_run_that_its_settings_and_seed_say()
    {
        Assert.Equal(0, Sweep(Tiny(), "out"));
        string[][] units = Rows("units.csv");
        Assert.Equal(0, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--set", "requests=40", "--set", "warmup=0s",
            "--set", "workload.arrivals.rate_per_s=80", "--set", "cluster.pools.main.replicas=2", "--seed", "2",
            "--json", "--out", _cli.In("run")));
        Assert.Contains($"\"mean_ttft_ms\": {units[12][Array.IndexOf(units[0], "mean_ttft_ms")]}", _cli.Output);
    }

    [Fact]
    public void Results_do_not_depend_on_how_many_run_at_a_time()
    {
        Assert.Equal(0, Sweep(Tiny(), "one", "--jobs", "1"));
        Assert.Equal(0, Sweep(Tiny(), "four", "--jobs", "4"));
        SweepSample.SameResults(_cli, "one", "four");
    }

    [Fact]
    public void What_has_been_computed_is_not_run_again()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "out"));
        Assert.Equal("12 runs made; results in out", LastLine);
        Assert.Equal(0, Sweep(file, "out"));
        Assert.Equal("0 runs made, 12 were there already; results in out", LastLine);

        // One value more, one replication more: only those are run
        Assert.Equal(0, Sweep(Tiny(SweepSample.Grid.Replace("80]", "80, 160]")), "out", "--replications", "3"));
        Assert.Equal("12 runs made, 12 were there already; results in out", LastLine);
    }

    [Fact]
    public void A_damaged_result_is_found_and_run_again()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "whole"));
        Assert.Equal(0, Sweep(file, "out"));
        string[] units = SweepSample.UnitFiles(_cli, "out");
        byte[] bytes = File.ReadAllBytes(units[0]);
        int digit = Array.FindLastIndex(bytes, bytes.Length - 90, b => b is > (byte)'0' and < (byte)'9');
        bytes[digit]++;
        File.WriteAllBytes(units[0], bytes);
        File.WriteAllBytes(units[1], bytes[..(bytes.Length / 2)]);
        File.WriteAllBytes(units[2], []);
        File.WriteAllBytes(units[3], File.ReadAllBytes(units[4]));
        File.WriteAllBytes(units[5], [.. File.ReadAllBytes(units[5])[..^1]]);
        File.WriteAllText(units[6], "not\nours\n");
        Assert.Equal(2, _cli.Run("sweep", "gather", _cli.In("out")));
        Assert.StartsWith("tiny: 6 of 12 runs have no result yet, or a damaged one; expected all", _cli.Error);
        Assert.Equal(0, Sweep(file, "out"));
        Assert.Equal("6 runs made, 6 were there already; results in out", LastLine);
        SweepSample.SameResults(_cli, "whole", "out");
    }

    [Fact]
    public void A_result_that_cannot_be_put_in_place_leaves_nothing_behind()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "out"));
        string unit = SweepSample.UnitFiles(_cli, "out")[0];
        File.Delete(unit);
        Directory.CreateDirectory(unit);
        Assert.NotEqual(0, Sweep(file, "out"));
        Assert.Contains("cannot write results to", _cli.Error);
        Assert.DoesNotContain(
            _cli.FilesOf("out/units"), name => name.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_cut_and_every_changed_byte_of_a_result_is_noticed()
    {
        Assert.Equal(0, Sweep(Tiny(), "out"));
        byte[] bytes = File.ReadAllBytes(SweepSample.UnitFiles(_cli, "out")[0]);
        Assert.NotNull(UnitResult.Parse(bytes));
        for (int i = 0; i < bytes.Length; i += 7)
        {
            Assert.Null(UnitResult.Parse(bytes.AsSpan(0, i)));
            bytes[i] ^= 1;
            Assert.Null(UnitResult.Parse(bytes));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void Two_versions_are_not_mixed_in_one_folder()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "out"));
        UnitResult ours = UnitResult.Parse(File.ReadAllBytes(SweepSample.UnitFiles(_cli, "out")[0]))!;
        new UnitStore(_cli.In("out"), "0.0.9").Write(ours with { Version = "0.0.9", Unit = new string('a', 64) });
        string message = $"out/units: found results of version 0.0.9, but this sweep is of version {ours.Version}: "
            + "results of two versions are not mixed; expected another --out, or a folder without them"
            + Environment.NewLine;
        Assert.Equal((2, message), (Sweep(file, "out"), _cli.Error));
        Assert.Equal((2, message), (_cli.Run("sweep", "gather", _cli.In("out")), _cli.Error));

        // A shard of another program notices by the plan
        var other = ServingSim.Experiments.Sweeping.Sweep.Read(file, [], Catalog.Default, "0.0.9").Plan;
        Assert.Contains(
            "found a sweep of another version than this program's, 0.0.9",
            Assert.Throws<ScenarioException>(() => other.WriteOrMatch(_cli.In("out"))).Message);
    }

    [Fact]
    public void An_interrupted_sweep_keeps_what_it_has_and_goes_on()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "whole"));
        Assert.Equal(0, Sweep(file, "out"));
        Assert.All(SweepSample.UnitFiles(_cli, "out")[5..], File.Delete);
        _cli.Interrupt();
        Assert.Equal(130, Sweep(file, "out"));
        Assert.Equal("interrupted after 0 of 7 runs; the same command goes on from here\n", _cli.Error);
        Assert.Equal(5, SweepSample.UnitFiles(_cli, "out").Length);
    }

    [Fact]
    public void Shards_gathered_are_the_sweep_run_here()
    {
        string file = Tiny();
        Assert.Equal(0, Sweep(file, "whole"));
        foreach (int shard in new[] { 2, 0 })
        {
            Assert.Equal(0, _cli.Run("sweep", "run-shard", file, "--shard", $"{shard}/3", "--out", _cli.In("out")));
            Assert.Equal($"shard {shard} of 3: 4 runs made\n", _cli.Output);
        }

        Assert.Equal(2, _cli.Run("sweep", "gather", _cli.In("out")));
        string[] lines = _cli.Error.TrimEnd().Split('\n');
        Assert.Equal("tiny: 4 of 12 runs have no result yet, or a damaged one; expected all", lines[0]);
        Assert.StartsWith(
            "  point 1 (rate_per_s=20 replicas=1): replication 1, unit ", lines[1]);
        Assert.Equal(5, lines.Length);
        Assert.Equal(0, _cli.Run("sweep", "run-shard", file, "--shard", "1/3", "--out", _cli.In("out"), "--quiet"));
        File.WriteAllText(Path.Combine(_cli.In("out"), "units", ".x.partial"), "left by a process that died");
        Assert.Equal(0, _cli.Run("sweep", "gather", _cli.In("out"), "--wait"));
        SweepSample.SameResults(_cli, "whole", "out");
    }

    [Fact]
    public void A_shard_of_another_sweep_is_refused()
    {
        Assert.Equal(0, _cli.Run("sweep", "run-shard", Tiny(), "--shard", "0/12", "--out", _cli.In("out")));
        Assert.Equal(2, _cli.Run(
            "sweep", "run-shard", Tiny(), "--seed", "2", "--shard", "0/12", "--out", _cli.In("out")));
        Assert.StartsWith("out/sweep.yaml: found another sweep than this one", _cli.Error);
    }

    [Theory]
    [InlineData("name: list\n  items:\n  - seed: 4\n  - seed: 5\n    duration: 9m",
        "point,scenario.seed,scenario.duration,")]
    [InlineData("name: latin-hypercube\n  count: 4\n  ranges:\n    workload.arrivals.rate_per_s: { from: 1, to: 9 }\n"
        + "    cluster.pools.main.replicas: { from: 1, to: 4, whole: true, scale: log }",
        "point,workload.arrivals.rate_per_s,cluster.pools.main.replicas,")]
    [InlineData("name: grid\n  axes:\n    cluster.router: [random, {name: round-robin}]", "point,cluster.router,")]
    public void Points_of_every_kind_are_drawn(string points, string header)
    {
        Assert.Equal(0, Sweep(Tiny(points), "out"));
        Assert.StartsWith(header, _cli.Text("out", "points.csv"));
        Assert.Equal(
            "89504E47", Convert.ToHexString(_cli.Bytes("out", "sweep.png")[..4]));
    }

    [Fact]
    public void A_sweep_of_many_points_and_figures_is_readable_at_100_columns()
    {
        Assert.Equal(0, Sweep(
            Tiny(
                "name: latin-hypercube\n  count: 45\n  ranges: { workload.arrivals.rate_per_s: { from: 20, to: 60 } }",
                "figures: [mean_ttft_ms, p99_ttft_ms, mean_tpot_ms, p99_tpot_ms, mean_e2el_ms, p99_e2el_ms]"),
            "out", "--replications", "1", "--set", "requests=5"));
        Assert.Contains("45 points, one run each, so without intervals", _cli.Output);
        Assert.Contains(" and 5 more points, all in points", _cli.Output);
        Assert.All(_cli.Output.Split("runs made")[0].Split('\n'), line => Assert.True(line.Length <= 100, line));
    }
}
