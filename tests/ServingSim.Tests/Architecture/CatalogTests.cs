using System.Text.RegularExpressions;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Architecture;

/// <summary>Catalog, configs, README and tests tell of the same parts and commands.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void Every_part_is_used_by_some_config_or_test()
    {
        string[] texts =
        [
            .. SourceTree.Files(".yaml").Select(SourceTree.Text),
            .. SourceTree.Files(".cs").Where(f => f.StartsWith("tests/", StringComparison.Ordinal))
                .Select(SourceTree.Text),
        ];
        IEnumerable<string> unused = Catalog.Default.PartKinds.SelectMany(
            kind => kind.Parts.Select(p => p.Name)
                .Where(name => !texts.Any(t => Regex.IsMatch(t, $@"(?<![\w-]){name}(?![\w-])")))
                .Select(name => $"{kind.Name} {name}"));
        Assert.Empty(unused);
    }

    [Fact]
    public void Every_scenario_is_understood_and_is_named_as_its_file()
    {
        IEnumerable<string> files = SourceTree.Files(".yaml")
            .Where(f => f.StartsWith("configs/scenarios/", StringComparison.Ordinal));
        foreach (string file in files)
        {
            LoadedScenario loaded = LoadedScenario.Read(Path.Combine(SharedData.Root, file), [], Catalog.Default);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), loaded.Name);
        }
    }

    [Fact]
    public void Every_sweep_is_understood_and_is_named_as_its_file()
    {
        string[] files =
        [
            .. SourceTree.Files(".yaml").Where(f => f.StartsWith("configs/sweeps/", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(
            Path.GetFileNameWithoutExtension(file),
            Sweep.Read(Path.Combine(SharedData.Root, file), [], Catalog.Default, "any").Plan.Name));
    }

    [Fact]
    public void Every_file_that_a_scenario_can_name_is_understood()
    {
        foreach ((string key, string folder) in new[] { ("gpu", "gpus"), ("model", "models") })
        {
            Assert.All(Catalog.Default.FilesIn(folder), name => LoadedScenario.Read(
                CommandRun.Scenario("quickstart"),
                [$"cluster.pools.main.{key}={name}", "cluster.pools.main.gpu=b200-sxm",
                    "cluster.pools.main.engine={}", "cluster.pools.main.parallelism.tp=8"],
                Catalog.Default));
        }
    }

    [Fact]
    public void Every_command_and_option_in_the_README_exists()
    {
        string readme = SourceTree.Text("README.md");
        using CommandRun cli = new();
        IEnumerable<string> commands = Regex
            .Matches(readme, @"^servingsim (.*)$|src/ServingSim\.Cli -- (.*)$", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value + m.Groups[2].Value);
        foreach (string command in commands)
        {
            string[] words = command.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] verbs = [.. words.TakeWhile(w => Regex.IsMatch(w, "^[a-z]+$"))];
            Assert.True(cli.Run([.. verbs, "--help"]) == 0, $"{command}: {cli.Error}");
            Assert.All(Regex.Matches(command, "--[a-z]+").Select(m => m.Value), o => Assert.Contains(o, cli.Output));
            Assert.All(words.Where(w => w.StartsWith("configs/", StringComparison.Ordinal)), f => Assert.True(
                File.Exists(Path.Combine(SharedData.Root, f)), $"{command}: no {f}"));
        }
    }
}
