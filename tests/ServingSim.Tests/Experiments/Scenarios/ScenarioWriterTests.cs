using CsCheck;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class ScenarioWriterTests : IDisposable
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String.Where(s => !s.Any(char.IsSurrogate) && !s.Contains('\0')),
        Gen.OneOf("", " ", "~", "null", "true", "8", "1e3", "0x10", "a: b", "- a", "#", "a #b", "'", "\"", "é",
            "a\nb", "\t", "*a", "&a", "!a", "%a", "@a", "`", "---", "...", "?", "<<", "a\\b", "x\r\ny",
            "\u2028", "😀", ".inf", "-"));

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_scenario_is_written_with_every_default()
    {
        string trace = Path.Combine(_sample.Folder, "t", "x.csv");
        SampleScenario scenario = _sample.Read(Sample.Valid, "trace=" + trace, "labels={}");
        Assert.Equal(
            """
            name: quickstart
            seed: 1
            cluster:
              pools:
                main:
                  gpu: h100
                  replicas: 4
                  eviction:
                    name: lru
                  max_num_seqs: 1024
            duration: 20m
            stop: drain
            other: cut-off
            warmup: 0s
            requests: ~
            quiet: false
            rate_per_s: 4
            note: ~
            trace: ../t/x.csv
            report_by: ~
            labels: {}

            """,
            ScenarioWriter.Write(scenario, Path.Combine(_sample.Folder, "results")));
    }

    [Fact]
    public void A_named_file_given_by_a_path_is_written_relative_to_the_folder()
    {
        _sample.File("mine/b200.yaml", "memory_gib: 192");
        var scenario = _sample.Read(Sample.Valid.Replace("h100", "mine/b200.yaml", StringComparison.Ordinal));
        string text = ScenarioWriter.Write(scenario, Path.Combine(_sample.Folder, "results", "run"));
        Assert.Contains("gpu: ../../mine/b200.yaml\n", text, StringComparison.Ordinal);
        string run = _sample.File("results/run/run.yaml", text);
        Assert.Equal(scenario, ScenarioFile.Read<SampleScenario>(run, [], _sample));
    }

    [Fact]
    public void A_record_made_in_code_is_written_too()
    {
        var labels = new Dictionary<string, string> { ["b"] = "1", ["a"] = "2" };
        var scenario = _sample.Read(Sample.Valid) with { ReportBy = ["x", "y"], Labels = labels };
        SampleScenario read = _sample.Read(ScenarioWriter.Write(scenario, _sample.Folder));
        Assert.Equal(["x", "y"], read.ReportBy!);
        Assert.Equal([("b", "1"), ("a", "2")], read.Labels!.Select(l => (l.Key, l.Value)));
    }

    [Fact]
    public void What_is_written_is_read_as_the_same()
    {
        SampleScenario valid = _sample.Read(Sample.Valid);
        Gen<PartChoice<IEviction, int>> leaf = Gen.OneOf(
            Gen.Const(Sample.Evictions.Choose("lru")),
            Gen.Int.Select(hits => Sample.Evictions.Choose("slru", new SlruOptions(hits))));
        Gen<SimTime> time = Gen.Long[0, long.MaxValue].Select(t => new SimTime(t));
        Gen<PartChoice<IEviction, int>> part = Gen.OneOf(
            leaf, Gen.Select(leaf, time, (p, t) => Sample.Evictions.Choose("two-level", new TwoLevelOptions(p, t))));
        Gen<SamplePool> pool = Gen.Select(Gen.Int[1, 9], part, (replicas, eviction) =>
            valid.Cluster.Pools["main"] with { Replicas = replicas, Eviction = eviction });
        Gen<double> rate = Gen.Double.Where(double.IsFinite);
        Gen.Select(Text, Gen.Long, time, rate, Text.Array[0, 3], Gen.Select(Text, pool).Array[0, 3])
            .Select((text, seed, duration, perSecond, list, pools) => valid with
            {
                Name = text,
                Seed = seed,
                Duration = duration,
                RatePerS = perSecond,
                Note = list.Length == 0 ? null : list[0],
                Trace = new FilePath(Path.Combine(_sample.Folder, $"x{seed}"), "x"),
                ReportBy = new ValueList<string>(list),
                Labels = Map(list.Select(l => (l, text))),
                Cluster = new SampleCluster(Map(pools)),
            })
            .Sample(
                scenario =>
                {
                    string written = ScenarioWriter.Write(scenario, Path.Combine(_sample.Folder, "results"));
                    string run = Path.Combine(_sample.Folder, "results", "run.yaml");
                    var read = ScenarioFile.Parse<SampleScenario>(written, run, [], _sample);
                    Assert.Equal(scenario, read);
                    Assert.Equal(written, ScenarioWriter.Write(read, Path.Combine(_sample.Folder, "results")));
                },
                iter: 500,
                threads: 1);
    }

    private static OrderedMap<T> Map<T>(IEnumerable<(string Name, T Value)> values) => new(
        values.DistinctBy(v => v.Name).Select(v => KeyValuePair.Create(v.Name, (object?)v.Value)));
}
