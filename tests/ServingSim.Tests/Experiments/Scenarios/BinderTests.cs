using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class BinderTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    public sealed record One<T>(T Value)
        where T : notnull;

    public sealed record WithStop(int Value, Stop Stop);

    public sealed record Optional(int? Count, string? Text);

    public sealed record Cased(int MaxNumSeqs, int TtftMs, int C2, int P99Ttft, int KVBytes);

    public sealed record Guarded(int Shape)
    {
        public int Shape { get; } = Shape > 0 ? Shape : throw new ArgumentOutOfRangeException(nameof(Shape), "too low");
    }

    [Fact]
    public void A_scenario_is_read_with_its_defaults()
    {
        SampleScenario scenario = _sample.Read(Sample.Valid);
        SamplePool pool = scenario.Cluster.Pools["main"];
        Assert.Equal("quickstart", scenario.Name);
        Assert.Equal(SimTime.FromSeconds(1200), scenario.Duration);
        Assert.Equal(Stop.CutOff, scenario.Other);
        Assert.Equal(SimTime.Zero, scenario.Warmup);
        Assert.Equal(4.0, scenario.RatePerS);
        Assert.Null(scenario.Requests);
        Assert.Equal(("h100", null, new SampleGpu(80, "nvidia")), (pool.Gpu.Name, pool.Gpu.File, pool.Gpu.Value));
        Assert.Equal(new Eviction("lru of 7"), pool.Eviction.Create(7));
        Assert.Equal(1024, pool.MaxNumSeqs);
    }

    [Fact]
    public void A_default_may_be_written_as_yaml()
    {
        SampleScenario scenario = _sample.Read(
            "name: x\nseed: 1\ncluster: { pools: { a: { gpu: a100, replicas: 1 } } }");
        Assert.Equal(SimTime.FromSeconds(3600), scenario.Duration);
        Assert.Equal("lru", scenario.Cluster.Pools["a"].Eviction.Name);
    }

    [Fact]
    public void Keys_are_the_parameters_in_snake_case() => Assert.Equal(
        new Cased(1, 2, 3, 4, 5),
        _sample.Read<Cased>("max_num_seqs: 1\nttft_ms: 2\nc2: 3\np99_ttft: 4\nkv_bytes: 5"));

    [Fact]
    public void All_errors_of_a_scenario_are_told_at_once_by_line() => Assert.Equal(
        """
        s.yaml:3: unknown key 'valeu' (did you mean 'value'?); known: value, stop
        s.yaml:3: value: missing, expected a whole number
        s.yaml:4: stop: found 'never', expected one of drain, cut-off
        """,
        _sample.Errors<WithStop>("# several errors\n\nvaleu: 1\nstop: never"));

    [Fact]
    public void An_unknown_option_is_named_with_those_known() => Assert.Equal(
        "s.yaml:1: value.protected: 'slru' has no option 'protected'; known: protected_hits",
        _sample.Errors<One<PartChoice<IEviction, int>>>("value: { name: slru, protected: 3 }"));

    [Fact]
    public void The_option_that_was_meant_is_suggested() => Assert.Equal(
        "s.yaml:1: value.protectde_hits: 'slru' has no option 'protectde_hits' (did you mean 'protected_hits'?)"
            + "; known: protected_hits",
        _sample.Errors<One<PartChoice<IEviction, int>>>("value: { name: slru, protectde_hits: 3 }"));

    [Theory]
    [InlineData("lru", "lru of 0")]
    [InlineData("{ name: lru }", "lru of 0")]
    [InlineData("slru", "slru 2 of 0")]
    [InlineData("{ name: slru, protected_hits: 3 }", "slru 3 of 0")]
    [InlineData("{ name: two-level, inner: slru }", "two of Eviction { Text = slru 2 of 0 }")]
    public void A_part_is_its_name_or_a_mapping(string yaml, string text) => Assert.Equal(
        new Eviction(text), _sample.Read<One<PartChoice<IEviction, int>>>("value: " + yaml).Value.Create(0));

    [Theory]
    [InlineData("lur", "value: no eviction policy is named 'lur' (did you mean 'lru'?); known: lru, slru, two-level")]
    [InlineData("{ seed: 3 }", "value.name: missing, expected one of lru, slru, two-level")]
    [InlineData("{ name: [] }", "value: found a list, expected one of lru, slru, two-level")]
    [InlineData("[lru]", "value: found a list, expected one of lru, slru, two-level")]
    [InlineData("~", "value: found nothing, expected one of lru, slru, two-level")]
    [InlineData("{ name: lru, a: 1 }", "value.a: 'lru' has no option 'a'; there are none")]
    [InlineData("two-level", "value.inner: missing, expected one of lru, slru, two-level")]
    [InlineData("{ name: two-level, inner: { name: two-level, inner: lru } }",
        "value.inner: found two-level, expected another")]
    public void A_wrong_part_is_told(string yaml, string error) => Assert.Equal(
        "s.yaml:1: " + error, _sample.Errors<One<PartChoice<IEviction, int>>>("value: " + yaml));

    [Theory]
    [InlineData("8.0")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("0o17")]
    [InlineData("010")]
    [InlineData("1_000")]
    [InlineData("x")]
    [InlineData("true")]
    [InlineData("+")]
    public void What_is_no_whole_number_is_refused(string text) => Assert.Equal(
        $"s.yaml:1: value: found '{text}', expected a whole number", _sample.Errors<One<int>>("value: " + text));

    [Fact]
    public void A_whole_number_out_of_range_is_refused() => Assert.Equal(
        "s.yaml:1: value: found '2147483648', expected a whole number from -2147483648 to 2147483647",
        _sample.Errors<One<int>>("value: 2147483648"));

    [Fact]
    public void A_quoted_number_is_text() => Assert.Equal(
        "s.yaml:1: value: found the quoted text '8', expected a whole number", _sample.Errors<One<int>>("value: '8'"));

    [Theory]
    [InlineData(".nan")]
    [InlineData("NaN")]
    [InlineData(".inf")]
    [InlineData("Infinity")]
    [InlineData("1e999")]
    [InlineData("1,5")]
    [InlineData("1.")]
    [InlineData("0x1p3")]
    [InlineData("1e")]
    public void What_is_no_number_is_refused(string text) => Assert.Equal(
        $"s.yaml:1: value: found '{text}', expected a number", _sample.Errors<One<double>>($"value: {text}"));

    [Theory]
    [InlineData("-8", -8)]
    [InlineData("+0", 0)]
    [InlineData("0.25", 0.25)]
    [InlineData("1e-3", 0.001)]
    [InlineData("2.5E+3", 2500)]
    public void Numbers_are_read(string text, double value) =>
        Assert.Equal(value, _sample.Read<One<double>>("value: " + text).Value);

    [Theory]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("1")]
    public void Only_true_and_false_are_booleans(string text) => Assert.Equal(
        $"s.yaml:1: value: found '{text}', expected true or false", _sample.Errors<One<bool>>("value: " + text));

    [Theory]
    [InlineData("cut-off")]
    [InlineData("cut_off")]
    public void An_enum_is_read_in_either_spelling(string text) =>
        Assert.Equal(Stop.CutOff, _sample.Read<One<Stop>>("value: " + text).Value);

    [Fact]
    public void Nothing_is_allowed_where_the_type_says_so()
    {
        Assert.Equal(new Optional(null, null), _sample.Read<Optional>("count: ~\ntext:"));
        Assert.Equal("s.yaml:1: value: found nothing, expected text", _sample.Errors<One<string>>("value: null"));
    }

    [Fact]
    public void A_map_keeps_the_order_of_the_file()
    {
        string[] names = [.. Enumerable.Range(0, 50).Select(i => $"n{i * 37 % 50}")];
        var map = _sample.Read<One<IReadOnlyDictionary<string, int>>>(
            "value:\n" + string.Concat(names.Select((n, i) => $"  {n}: {i}\n"))).Value;
        Assert.Equal(names, map.Keys);
        Assert.Equal(Enumerable.Range(0, 50), map.Values);
        Assert.Equal(3, map[names[3]]);
    }

    [Fact]
    public void Every_item_of_a_list_is_checked() => Assert.Equal(
        """
        s.yaml:3: value.1: found 'b', expected a whole number
        s.yaml:4: value.2: found a list, expected a whole number
        """,
        _sample.Errors<One<IReadOnlyList<int>>>("value:\n- 1\n- b\n- []"));

    [Theory]
    [InlineData("3", "found '3', expected a list, each item a whole number")]
    [InlineData("{}", "found a mapping, expected a list, each item a whole number")]
    public void What_is_no_list_is_refused(string yaml, string error) => Assert.Equal(
        "s.yaml:1: value: " + error, _sample.Errors<One<IReadOnlyList<int>>>("value: " + yaml));

    [Fact]
    public void A_records_own_checks_are_told_at_the_line_of_their_key() => Assert.Equal(
        "s.yaml:8: cluster.pools.main.replicas: found 0, expected at least 1",
        _sample.Errors(Sample.Valid.Replace("replicas: 4", "replicas: 0", StringComparison.Ordinal)));

    [Fact]
    public void A_check_of_several_keys_is_told_at_the_record() => Assert.Equal(
        "s.yaml:6: cluster.pools.main: max_num_seqs is below replicas",
        _sample.Errors(Sample.Valid.Replace("replicas: 4", "replicas: 4000", StringComparison.Ordinal)));

    [Fact]
    public void An_argument_refused_by_a_constructor_is_told_at_its_line() => Assert.Equal(
        "s.yaml:2: shape: too low", _sample.Errors<Guarded>("\nshape: 0"));

    [Fact]
    public void A_name_that_is_no_config_is_told_with_those_known() => Assert.Equal(
        "s.yaml:7: cluster.pools.main.gpu: found 'h10', expected a name in configs/gpus or a path"
            + " (did you mean 'h100'?); known: a100, h100",
        _sample.Errors(Sample.Valid.Replace("h100", "h10", StringComparison.Ordinal)));

    [Fact]
    public void A_named_file_may_be_a_path_beside_the_scenario()
    {
        string path = _sample.File("mine/b200.yaml", "memory_gib: 192");
        NamedFile<SampleGpu> gpu = _sample.Read<One<NamedFile<SampleGpu>>>("value: mine/b200.yaml").Value;
        Assert.Equal(("b200", path, 192.0), (gpu.Name, gpu.File?.FullPath, gpu.Value.MemoryGib));
    }

    [Fact]
    public void Errors_in_a_named_file_are_told_once_at_its_own_lines()
    {
        _sample.File("configs/gpus/bad.yaml", "vendor: x\nmemory_gib: lots\n");
        Assert.Equal(
            "configs/gpus/bad.yaml:2: memory_gib: found 'lots', expected a number",
            _sample.Errors<One<IReadOnlyList<NamedFile<SampleGpu>>>>("value: [bad, bad]"));
    }

    [Fact]
    public void A_named_file_in_a_foreign_format_is_translated()
    {
        _sample.File("card.json", """{ "foreignMemory": 24 }""");
        Assert.Equal(24, _sample.Read<One<NamedFile<SampleGpu>>>("value: card.json").Value.Value.MemoryGib);
        _sample.File("card.json", "{\n\"foreignMemory\": \"much\" }");
        Assert.Equal(
            "card.json:2: memory_gib: found the quoted text 'much', expected a number",
            _sample.Errors<One<NamedFile<SampleGpu>>>("value: card.json"));
    }

    [Fact]
    public void A_named_file_cannot_name_itself()
    {
        _sample.File("configs/chains/a.yaml", "next: b");
        _sample.File("configs/chains/b.yaml", "\nnext: a");
        Assert.Equal(
            "configs/chains/b.yaml:2: next: found 'a', expected a file that does not name itself",
            _sample.Errors<SampleChain>("next: a"));
    }

    [Fact]
    public void The_options_of_a_part_are_listed()
    {
        Assert.Equal(["lru", "slru", "two-level"], Sample.Evictions.Parts.Select(p => p.Name));
        Assert.Equal(
            [
                new OptionInfo("inner", "one of lru, slru, two-level", null),
                new OptionInfo("delay", "a duration such as 10ms, 1.5s, 20m, 1h, 213d", "0s"),
            ],
            OptionInfo.Of(Sample.Evictions.Parts[2].OptionsType, _sample));
        Assert.Empty(OptionInfo.Of(Sample.Evictions.Parts[0].OptionsType, _sample));
    }

    [Fact]
    public void Two_parts_of_a_kind_cannot_share_a_name() =>
        Assert.Throws<InvariantException>(() => Sample.Evictions.Add("lru", "again", _ => new Eviction("")));

    [Fact]
    public void Adding_a_part_leaves_the_kind_as_it_was()
    {
        PartKind<IEviction, int> more = Sample.Evictions.Add("fifo", "first in, first out", _ => new Eviction("fifo"));
        Assert.Equal(new Eviction("fifo"), more.Choose("fifo").Create(0));
        Assert.DoesNotContain(Sample.Evictions.Parts, p => p.Name == "fifo");
    }
}
