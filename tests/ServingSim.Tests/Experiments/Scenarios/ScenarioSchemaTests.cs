using System.Text.RegularExpressions;
using CsCheck;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using ServingSim.Tests.Architecture;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class ScenarioSchemaTests
{
    private static readonly string Quickstart = File.ReadAllText(CommandRun.Scenario("quickstart"));
    private static readonly SchemaValidator Schema = new(ScenarioSchema.Write(Catalog.Default));

    public static TheoryData<string> Scenarios =>
        [.. SourceTree.Files(".yaml").Where(f => f.StartsWith("configs/scenarios/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_shipped_scenario_fits(string file) => Assert.Null(Schema.Problem(SourceTree.Text(file)));

    public static TheoryData<string> Sweeps => [.. SourceTree.Files(".yaml").Where(
        f => Path.GetDirectoryName(f) is "configs/sweeps")];

    public static TheoryData<string> Plans => [.. SourceTree.Files(".yaml").Where(
        f => Path.GetDirectoryName(f) is "configs/plans")];

    [Theory]
    [MemberData(nameof(Sweeps))]
    public void A_shipped_sweep_fits(string file) => AssertFitsBut(file, typeof(SweepFile), "points:", "point:");

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_shipped_plan_fits(string file) => AssertFitsBut(file, typeof(Plan), "gpus:", "gpu:");

    private static void AssertFitsBut(string file, Type root, string right, string wrong)
    {
        var schema = new SchemaValidator(ScenarioSchema.Write(Catalog.Default, root));
        string text = SourceTree.Text(file);
        Assert.Null(schema.Problem(text));
        Assert.NotNull(schema.Problem(text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_scenario_with_every_default_filled_in_fits()
    {
        LoadedScenario loaded = LoadedScenario.Read(CommandRun.Scenario("quickstart"), [], Catalog.Default);
        Assert.Null(Schema.Problem(loaded.ToYaml(SharedData.Root)));
    }

    [Theory]
    [InlineData("seed: 1", "sed: 1", ": unknown sed")]
    [InlineData("seed: 1", "seed: one", "/seed: no \"integer\"")]
    [InlineData("seed: 1", "seed: '1'", "/seed: no \"integer\"")]
    [InlineData("seed: 1", "seed: 1.5", "/seed: no \"integer\"")]
    [InlineData("seed: 1", "seed: ~", "/seed: no \"integer\"")]
    [InlineData("schema: 1", "schema: 2", "/schema: not 1")]
    [InlineData("name: quickstart", "", ": no name")]
    [InlineData("name: quickstart", "name: [a]", "/name: no [\"string\",\"number\",\"boolean\"]")]
    [InlineData("duration: 10m", "duration: 10", "/duration: none fits")]
    [InlineData("warmup: 1m", "warmup: 1 minute", "/warmup: not like ^(0|[1-9][0-9]*)(\\.[0-9]+)?(ns|us|ms|s|m|h|d)$")]
    [InlineData("warmup: 1m", "warmup: 01m", "/warmup: not like ^(0|[1-9][0-9]*)(\\.[0-9]+)?(ns|us|ms|s|m|h|d)$")]
    [InlineData("source: synthetic", "source: synthetics", "/workload/source: none fits")]
    [InlineData("source: synthetic", "source: trace", "/workload/source: none fits")]
    [InlineData("source: synthetic", "source: { name: synthetic, of: 1 }", "/workload/source: none fits")]
    [InlineData("rate_per_s: 60, ", "", "/workload/arrivals: none fits")]
    [InlineData("name: gamma, ", "", "/workload/arrivals: none fits")]
    [InlineData("shape: 0.5", "shape: much", "/workload/arrivals: none fits")]
    [InlineData("service: conversation", "service: [a]",
        "/workload/labels/service: no [\"string\",\"number\",\"boolean\"]")]
    [InlineData("gpu: h100-sxm", "", "/cluster/pools/main: no gpu")]
    [InlineData("replicas: 4", "replica: 4", "/cluster/pools/main: unknown replica")]
    [InlineData("latency: roofline", "latency: roofline\n      role: [mixed]", "/cluster/pools/main/role: not in ")]
    [InlineData("report_by: [service]", "report_by: service", "/report_by: no \"array\"")]
    [InlineData("report_by: [service]", "report_by: [~]", "/report_by/0: no ")]
    [InlineData("ttft_ms: 500", "ttft_ms: 500, by_label: [{ e2el_ms: 1 }]", "/slo/by_label/0: no ")]
    public void A_mistake_does_not_fit_and_is_pointed_at(string right, string wrong, string problem)
    {
        string text = Quickstart.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Quickstart, text);
        Assert.StartsWith(problem, Schema.Problem(text)!);
        Assert.Throws<ScenarioException>(() => Parse(text, Catalog.Default));
    }

    [Theory]
    [InlineData("seed: 1", "requests: ~")]
    [InlineData("name: quickstart", "name: 2")]
    [InlineData("service: conversation", "service: true")]
    [InlineData("router: least-outstanding", "router: { name: round-robin }")]
    public void What_is_read_fits(string one, string other)
    {
        string text = Quickstart.Replace(one, other, StringComparison.Ordinal);
        Parse(text, Catalog.Default);
        Assert.Null(Schema.Problem(text));
    }

    [Theory]
    [InlineData("include: [quickstart.yaml]", null)]
    [InlineData("include: [quickstart.yaml]\nworkload: { arrivals: { shape: 1 } }", null)]
    [InlineData("include: [quickstart.yaml]\ncluster: { pools: { main: { replicas: 2 } } }", null)]
    [InlineData("include: [quickstart.yaml]\nsed: 2", ": unknown sed")]
    [InlineData("include: [quickstart.yaml]\nworkload: { arrivals: { shapes: 1 } }", "/workload/arrivals: none fits")]
    [InlineData("include: [quickstart.yaml]\ncluster: { pools: {} }", null)]
    [InlineData("include: quickstart.yaml", "/include: no \"array\"")]
    [InlineData("include: [quickstart.yaml]\nslo: { by_label: [{ e2el_ms: 1 }] }", "/slo/by_label/0: no label")]
    public void A_layer_need_not_be_whole_but_what_it_says_must_be_right(string text, string? problem)
    {
        Assert.Equal(problem, Schema.Problem(text));
        Assert.Equal(problem is null, IsRead(text));
    }

    [Fact]
    public void A_whole_scenario_has_a_pool()
    {
        string text = Quickstart[..Quickstart.IndexOf("cluster:", StringComparison.Ordinal)]
            + "cluster: { router: round-robin, pools: {} }\n";
        Assert.Equal("/cluster/pools: fewer than 1", Schema.Problem(text));
        Assert.False(IsRead(text));
    }

    [Fact]
    public void A_part_may_hold_a_part_of_its_own_kind()
    {
        Catalog catalog = Catalog.Default with
        {
            Evictions = Catalog.Default.Evictions.Add<NestedOptions>(
                "nested", "one in another", (o, c) => o.Inner.Create(c)),
        };
        var schema = new SchemaValidator(ScenarioSchema.Write(catalog));
        string With(string inner) => Quickstart.Replace("profile: vllm-v1", $"eviction: {inner}");
        string good = With("{ name: nested, inner: { name: nested, inner: lru } }");
        Parse(good, catalog);
        Assert.Null(schema.Problem(good));
        Assert.NotNull(schema.Problem(With("{ name: nested, inner: { name: nested, inner: l } }")));
        Assert.NotNull(schema.Problem(With("nested")));
    }

    [Fact]
    public void Two_records_of_one_name_are_told_apart()
    {
        Catalog catalog = Catalog.Default with
        {
            Evictions = Catalog.Default.Evictions.Add<SectionOptions>(
                "other", "of a section", (_, c) => new LruEviction(c)),
        };
        var schema = new SchemaValidator(ScenarioSchema.Write(catalog));
        string text = Quickstart.Replace(
            "profile: vllm-v1", "eviction: { name: other, section: { depth: 1 } }", StringComparison.Ordinal);
        Parse(text, catalog);
        Assert.Null(schema.Problem(text));
    }

    [Fact]
    public void Whatever_is_read_fits()
    {
        string[] tokens = [.. Regex.Matches(Quickstart, @"[\w.-]+|[^\w.-]").Select(m => m.Value)];
        Gen<string> written = Gen.OneOf(
            "0", "1", "7", "0.5", "+3", "1e3", "16", "'x'", "\"y\"", "~", "", "true", "False", "{}", "[]", "[a, 1]",
            "lru", "round-robin", "fp8", "auto", "5m", "1.5s", "mixed", "drain", "cut", "requests", "seed",
            "{ name: round-robin }", "{ name: constant, step_ms: 1 }", "a: 1", "null", "llama-2-7b", ", ", "\n  ");
        int read = 0;
        Gen.Select(Gen.Int[0, tokens.Length - 1], written).Array[1, 2].Sample(
            changes =>
            {
                string[] changed = [.. tokens];
                Array.ForEach(changes, c => changed[c.Item1] = c.Item2);
                string text = string.Concat(changed);
                if (IsRead(text))
                {
                    read++;
                    Assert.True(Schema.Problem(text) is null, $"{Schema.Problem(text)}\n{text}");
                }
            },
            iter: 1000,
            threads: 1);
        Assert.True(read > 100, $"only {read} were read");
    }

    private static void Parse(string text, Catalog catalog) =>
        ScenarioFile.Parse<Scenario>(text, CommandRun.Scenario("changed"), [], catalog);

    private static bool IsRead(string text)
    {
        try
        {
            Parse(text, Catalog.Default);
            return true;
        }
        catch (ScenarioException)
        {
            return false;
        }
    }

    public sealed record SectionOptions(SloSection Section);

    public sealed record SloSection(int Depth);

    public sealed record NestedOptions(PartChoice<IEvictionPolicy, EvictionContext> Inner);
}
