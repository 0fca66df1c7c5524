using CsCheck;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>Whatever is done to a scenario, the command ends with 0 or 2, never with a bug's 1.</summary>
public sealed class ScenarioChangesTests : IDisposable
{
    private static readonly string Quickstart = CommandRun.Scenario("quickstart");
    private static readonly string[] Lines = File.ReadAllLines(Quickstart);
    private static readonly string[] Short = ["--set", "duration=3s", "--set", "warmup=0s", "--set", "requests=50"];

    private static readonly string[] Tokens =
    [
        "0", "-1", "1e300", "1e-300", "0.5", "2147483647", "9223372036854775807", "~", "[]", "{}", "x", "\"\"", "1ms",
        "- ", ": ", "  ", "name", "path", "synthetic", "trace", "poisson", "gamma", "constant", "linear", "true", "é",
        "\t",
    ];

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Changed_lines_of_a_scenario_never_show_a_bug()
    {
        Gen<Func<List<string>, int>> change = Gen.OneOf(
            Gen.Int[0, 99].Select(at => (Func<List<string>, int>)(l => Change(l, at, _ => []))),
            Gen.Int[0, 99].Select(at => (Func<List<string>, int>)(l => Change(l, at, s => [s, s]))),
            Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99]).Select(p => (Func<List<string>, int>)(
                l => Change(l, p.Item1, _ => [l[p.Item2 % l.Count]]))),
            Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99], Gen.OneOf(Tokens)).Select(p => (Func<List<string>, int>)(
                l => Change(l, p.Item1, s => [Replaced(s, p.Item2, p.Item3)]))));
        change.Array[1, 3].Sample(
            changes =>
            {
                List<string> lines = [.. Lines];
                Assert.All(changes, c => c(lines));
                NoBug(string.Join('\n', lines));
            },
            iter: 80, threads: 1);
    }

    [Fact]
    public void Any_value_at_its_extremes_never_shows_a_bug()
    {
        string[] values = ["-1", "1e300", "1e-300", "2147483647"];
        string full = LoadedScenario.Read(Quickstart, [], Catalog.Default).ToYaml(Environment.CurrentDirectory);
        foreach (string path in LeavesOf(full).Where(p => p is not ("requests" or "duration" or "warmup")))
        {
            Assert.All(values, value => NoBug(File.ReadAllText(Quickstart), "--set", $"{path}={value}"));
        }
    }

    private void NoBug(string text, params string[] more)
    {
        int code = _cli.Run(["run", _cli.File("s.yaml", text), .. Short, .. more, "--out", _cli.In("out"), "--quiet"]);
        Assert.True(code is 0 or 2, $"exit code {code}: {_cli.Error}\n{string.Join(' ', more)}\n{text}");
        Assert.Equal(code == 0, _cli.Error.Length == 0);
        Assert.Equal(code == 0, Directory.Exists(_cli.In("out")));
        if (code == 0)
        {
            Directory.Delete(_cli.In("out"), recursive: true);
        }
    }

    private static int Change(List<string> lines, int at, Func<string, string[]> change)
    {
        if (lines.Count > 0)
        {
            string[] changed = change(lines[at % lines.Count]);
            lines.RemoveAt(at % lines.Count);
            lines.InsertRange(Math.Min(at, lines.Count), changed);
        }

        return lines.Count;
    }

    /// <summary>A line with one of its words replaced.</summary>
    private static string Replaced(string line, int at, string token)
    {
        string[] words = line.Split(' ');
        words[at % words.Length] = token;
        return string.Join(' ', words);
    }

    /// <summary>The paths of all values of a scenario written in block style.</summary>
    private static IEnumerable<string> LeavesOf(string yaml)
    {
        Stack<(int Indent, string Path)> open = new([(-1, "")]);
        foreach (string line in yaml.Split('\n').Where(l => l.Contains(':')))
        {
            int indent = line.Length - line.TrimStart().Length;
            while (open.Peek().Indent >= indent)
            {
                open.Pop();
            }

            string path = open.Peek().Path + line.Trim().Split(':')[0];
            open.Push((indent, path + "."));
            if (!line.EndsWith(':'))
            {
                yield return path;
            }
        }
    }
}
