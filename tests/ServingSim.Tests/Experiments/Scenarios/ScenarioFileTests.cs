using System.Text;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class ScenarioFileTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    public sealed record Numbers(IReadOnlyDictionary<string, int> N, FilePath? Path = null);

    [Theory]
    [InlineData("", "s.yaml:1:1: found an empty file, expected keys and values")]
    [InlineData("# nothing\n", "s.yaml:2:1: found an empty file, expected keys and values")]
    [InlineData("[1]", "s.yaml:1: found a list, expected a mapping of keys to values")]
    [InlineData("text", "s.yaml:1: found 'text', expected a mapping of keys to values")]
    [InlineData("n: {a: 1}\n---\nn: {}", "s.yaml:2:1: found a second document, expected one")]
    [InlineData("n:\n\ta: 1", "s.yaml:2:1: found a tab in the indentation, expected spaces")]
    [InlineData("n: {a: 1",
        "s.yaml:2:1: found invalid YAML: while parsing a flow mapping, did not find expected ',' or '}'")]
    [InlineData("n: *b", "s.yaml:1:4: found the alias '*b', expected an anchor before it")]
    [InlineData("n: &b {a: *b}", "s.yaml:1:11: found the alias '*b', expected an anchor before it")]
    [InlineData("n: {a: !!int 1}", "s.yaml:1:8: found the tag 'tag:yaml.org,2002:int', expected none")]
    [InlineData("n: {[a]: 1}", "s.yaml:1:5: found a key that is not plain text, expected a name")]
    [InlineData("a: &b {c: 1}\nn: {<<: *b}",
        "s.yaml:2:5: found the merge key '<<', expected the keys themselves, or include at the top")]
    public void A_broken_file_is_told_with_its_line(string text, string error) =>
        Assert.Equal(error, _sample.Errors<Numbers>(text));

    [Fact]
    public void A_key_given_twice_is_told_beside_the_other_errors() => Assert.Equal(
        """
        s.yaml:3: found the key 'a' again, expected it once: first in line 2
        s.yaml:4: n.b: found 'x', expected a whole number
        """,
        _sample.Errors<Numbers>("n:\n  a: 1\n  a: 2\n  b: x"));

    [Fact]
    public void Anchors_and_aliases_are_read() =>
        Assert.Equal([1, 1], _sample.Read<Numbers>("n:\n  a: &one 1\n  b: *one").N.Values);

    [Fact]
    public void A_byte_order_mark_is_skipped() => Assert.Equal([1], _sample.Read<Numbers>("\uFEFFn: {a: 1}").N.Values);

    [Fact]
    public void Bytes_that_are_no_text_are_told_with_their_line()
    {
        string latin = _sample.File("latin.yaml", Encoding.Latin1.GetBytes("n:\n  é: 1\n"));
        string binary = _sample.File("binary.yaml", [0x7F, 0x45, 0x0A, 0x00]);
        Assert.Equal("latin.yaml:2: found byte E9, expected text in UTF-8", ErrorsOf(latin));
        Assert.Equal("binary.yaml:2: found a zero byte, expected text in UTF-8", ErrorsOf(binary));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_told()
    {
        Assert.Equal("none.yaml: no such file", ErrorsOf(Path.Combine(_sample.Folder, "none.yaml")));
        Assert.Equal("configs: found a folder, expected a file", ErrorsOf(Path.Combine(_sample.Folder, "configs")));
        Assert.Equal("'': found no path, expected a file", ErrorsOf(""));
    }

    [Fact]
    public void A_file_too_large_is_refused() => Assert.Equal(
        "big.yaml: found a file larger than 16 MiB, expected a smaller one",
        ErrorsOf(_sample.File("big.yaml", new byte[(16 << 20) + 1])));

    [Fact]
    public void A_file_too_deep_is_refused() => Assert.Equal(
        "s.yaml:1:67: found more than 64 levels, expected fewer",
        _sample.Errors<Numbers>("n: " + new string('[', 100_000)));

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [1]\n");
        for (int i = 1; i < 30; i++)
        {
            bomb.Append($"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        }

        Assert.Equal(
            "s.yaml:13:28: found more than 1000000 values, expected fewer", _sample.Errors<Numbers>(bomb.ToString()));
    }

    [Fact]
    public void Included_files_lie_under_the_including_one()
    {
        _sample.File("low/base.yaml", "include: [lower.yaml]\nn: { b: 2, a: 2 }\npath: trace.csv");
        _sample.File("low/lower.yaml", "n: { a: 1, z: 1 }");
        _sample.File("low/next.yaml", "n: { b: 5, y: 5 }");
        Numbers read = _sample.Read<Numbers>("include: [low/base.yaml, low/next.yaml]\nn: { z: 9, c: 9 }");
        Assert.Equal([("a", 2), ("z", 9), ("b", 5), ("y", 5), ("c", 9)], read.N.Select(p => (p.Key, p.Value)));
        Assert.Equal(Path.Combine(_sample.Folder, "low", "trace.csv"), read.Path?.FullPath);
    }

    [Fact]
    public void An_error_in_an_included_file_is_told_there()
    {
        _sample.File("base.yaml", "\nn: { a: x }");
        Assert.Equal(
            "base.yaml:2: n.a: found 'x', expected a whole number", _sample.Errors<Numbers>("include: [base.yaml]"));
    }

    [Theory]
    [InlineData("include: [none.yaml]", "s.yaml:1: no such file: none.yaml")]
    [InlineData("include: base.yaml", "s.yaml:1: include: found 'base.yaml', expected a list of paths")]
    [InlineData("include: [[a]]", "s.yaml:1: include: found a list, expected a path")]
    [InlineData("include: ['']", "s.yaml:1: include: found the quoted text '', expected a path")]
    public void A_wrong_include_is_told(string text, string error) =>
        Assert.Equal(error, _sample.Errors<Numbers>(text + "\nn: {}"));

    [Fact]
    public void A_cycle_of_includes_is_told_with_its_chain()
    {
        _sample.File("a.yaml", "include: [b.yaml]");
        _sample.File("b.yaml", "\ninclude: [a.yaml]");
        Assert.Equal(
            "b.yaml:2: include: found a cycle, expected none: a.yaml -> b.yaml -> a.yaml",
            _sample.Errors<Numbers>("include: [a.yaml]"));
    }

    [Fact]
    public void Includes_that_multiply_are_refused()
    {
        for (int i = 0; i < 20; i++)
        {
            _sample.File($"i{i}.yaml", $"include: [i{i + 1}.yaml, i{i + 1}.yaml]");
        }

        _sample.File("i20.yaml", "n: {}");
        Assert.Contains(
            "include: found more than 100 included files, expected fewer",
            _sample.Errors<Numbers>("include: [i0.yaml]"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_overrides_the_file()
    {
        SampleScenario scenario = _sample.Read(
            Sample.Valid, "cluster.pools.main.replicas=8", "labels={ tenant: campus }", "labels.tenant=lab", "seed=2");
        Assert.Equal((8, 2L), (scenario.Cluster.Pools["main"].Replicas, scenario.Seed));
        Assert.Equal("lab", scenario.Labels?["tenant"]);
    }

    [Fact]
    public void A_setting_below_a_parts_short_form_keeps_its_name()
    {
        SampleScenario scenario = _sample.Read(
            Sample.Valid.Replace("lru", "slru", StringComparison.Ordinal),
            "cluster.pools.main.eviction.protected_hits=5");
        Assert.Equal(Sample.Evictions.Choose("slru", new SlruOptions(5)), scenario.Cluster.Pools["main"].Eviction);
    }

    [Fact]
    public void A_setting_reaches_into_a_list() => Assert.Equal(
        ["a", "c"], _sample.Read(Sample.Valid + "\nreport_by: [a, b]", "report_by.1=c").ReportBy!);

    [Fact]
    public void A_path_in_a_setting_is_relative_to_the_current_folder()
    {
        SampleScenario scenario = _sample.Read(Sample.Valid + "\ntrace: ../x.csv", "note=y");
        Assert.Equal(Path.GetFullPath(Path.Combine(_sample.Folder, "..", "x.csv")), scenario.Trace?.FullPath);
        scenario = _sample.Read(Sample.Valid, "trace=../x.csv");
        Assert.Equal(Path.GetFullPath("../x.csv"), scenario.Trace?.FullPath);
    }

    [Theory]
    [InlineData("seed", "expected path=value, such as cluster.pools.main.replicas=8")]
    [InlineData("=1", "expected path=value, such as cluster.pools.main.replicas=8")]
    [InlineData("a..b=1", "expected path=value, such as cluster.pools.main.replicas=8")]
    [InlineData("seed=", "found no value, expected one after '='; ~ stands for nothing")]
    [InlineData("seed=#5", "found an empty file, expected keys and values")]
    [InlineData("seed=[1", "found invalid YAML: while parsing a flow sequence, did not find expected ',' or ']'")]
    [InlineData("seed={ a: 1, a: 2 }", "found the key 'a' again, expected it once")]
    [InlineData("seed=one", "seed: found 'one', expected a whole number")]
    [InlineData("seed.x=1", "seed: found a mapping, expected a whole number")]
    [InlineData("report_by.2=c", "report_by: found '2', expected an index into the 2 items, from 0")]
    [InlineData("cluster.pool.main.replicas=8", "cluster: unknown key 'pool' (did you mean 'pools'?); known: pools")]
    public void A_wrong_setting_is_told_as_the_users_own(string setting, string error) => Assert.Contains(
        $"--set {setting}: {error}",
        _sample.Errors(Sample.Valid + "\nreport_by: [a, b]", setting).Split('\n'));

    [Fact]
    public void Errors_are_kept_apart_for_programs()
    {
        var thrown = Assert.Throws<ScenarioException>(() => _sample.Read<Numbers>("n: {a: x}", "n.b=y"));
        Assert.Equal(["--set n.b=y", _sample.Folder + "/s.yaml:1"], thrown.Errors.Select(e => e.Location));
        Assert.Equal(["n.b", "n.a"], thrown.Errors.Select(e => e.Path));
        Assert.Equal("found 'x', expected a whole number", thrown.Errors[1].Message);
    }

    private string ErrorsOf(string path) => _sample.Errors(() => ScenarioFile.Read<Numbers>(path, [], _sample));
}
