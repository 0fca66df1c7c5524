using System.Text.Json;
using System.Text.RegularExpressions;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Architecture;

/// <summary>
/// The notebooks: committed without outputs, and calling commands that there are. <c>.ci/run</c> executes them where
/// Jupyter is installed.
/// </summary>
public sealed class NotebookTests
{
    private static readonly string[] Notebooks = [.. SourceTree.Files(".ipynb")];

    [Fact]
    public void There_are_three_and_none_has_outputs()
    {
        Assert.Equal(
            ["notebooks/a-week-of-burstgpt.ipynb", "notebooks/how-many-gpus.ipynb",
                "notebooks/what-burstiness-costs.ipynb"],
            Notebooks);
        Assert.All(Notebooks, notebook => Assert.All(Code(notebook), cell =>
        {
            Assert.Equal(JsonValueKind.Null, cell.GetProperty("execution_count").ValueKind);
            Assert.Equal(0, cell.GetProperty("outputs").GetArrayLength());
        }));
    }

    [Fact]
    public void Every_command_that_they_call_exists_with_its_options_and_files()
    {
        using CommandRun cli = new();
        Assert.All(Notebooks, notebook =>
        {
            string[] calls =
            [
                .. Code(notebook).SelectMany(cell => Regex.Matches(
                    string.Concat(cell.GetProperty("source").EnumerateArray().Select(l => l.GetString())),
                    @"^ *servingsim\(((?:[^()]|\n)*)\)", RegexOptions.Multiline)).Select(m => m.Groups[1].Value),
            ];
            Assert.NotEmpty(calls);
            Assert.All(calls, call =>
            {
                string[] words = [.. Regex.Matches(call, "\"([^\"]*)\"").Select(m => m.Groups[1].Value)];
                Assert.Equal(0, cli.Run([.. words.TakeWhile(w => Regex.IsMatch(w, "^[a-z]+$")), "--help"]));
                Assert.All(
                    words.Where(w => w.StartsWith("--", StringComparison.Ordinal)),
                    w => Assert.Contains($"{w} ", cli.Output));
                Assert.All(
                    words.Where(w => w.StartsWith("configs/", StringComparison.Ordinal)),
                    w => Assert.True(File.Exists(Path.Combine(SharedData.Root, w)), w));
            });
        });
    }

    private static IEnumerable<JsonElement> Code(string notebook)
    {
        using JsonDocument file = JsonDocument.Parse(SourceTree.Text(notebook));
        return
        [
            .. file.RootElement.GetProperty("cells").EnumerateArray()
                .Where(cell => cell.GetProperty("cell_type").GetString() == "code").Select(cell => cell.Clone()),
        ];
    }
}
