using System.Text.RegularExpressions;
using Xunit;

namespace ServingSim.Tests.Architecture;

/// <summary>The rules of style that a machine can judge.</summary>
public sealed class TidyTests
{
    private const int MostLinesOfFile = 400;
    private const int MostLinesOfMethod = 70;
    private const int MostColumns = 120;

    private static readonly string[] Code = [.. SourceTree.Files(".cs")];
    private static readonly string[] Simulator =
        [.. Code.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && !IsIn("Cli", f))];

    [Fact]
    public void No_file_of_code_has_more_than_400_lines() =>
        Assert.All(Code, f => Assert.True(SourceTree.Lines(f).Length <= MostLinesOfFile, f));

    [Fact]
    public void No_line_of_code_has_more_than_120_columns() =>
        Assert.Empty(SourceTree.LinesWhere(Code, line => line.EnumerateRunes().Count() > MostColumns));

    [Fact]
    public void No_method_has_more_than_70_lines() => Assert.Empty(Code.SelectMany(LongMethods));

    [Theory]
    [InlineData("TO" + "DO")]
    [InlineData("FIX" + "ME")]
    [InlineData("#reg" + "ion")]
    [InlineData("NotImplemented" + "Exception")]
    public void Nothing_is_left_for_later(string word) =>
        Assert.Empty(SourceTree.LinesWhere(
            SourceTree.Files(".cs", ".csproj", ".md", ".yaml", ".props"), line => line.Contains(word)));

    [Theory]
    [InlineData(@"(?<!Spectre\.)\bConsole\.")]
    [InlineData(@"\bAnsiConsole\.(Write|Markup)")]
    public void Only_the_command_writes_to_the_console(string call) =>
        Assert.Empty(SourceTree.LinesWhere(Simulator, line => Regex.IsMatch(line, call)));

    [Theory]
    [InlineData(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b")]
    [InlineData(@"\bStopwatch\b")]
    [InlineData(@"\bTimeProvider\b")]
    [InlineData(@"\bnew Random\b|\bRandom\.Shared\b|\bGuid\.NewGuid\b|\bTickCount")]
    public void Only_the_command_knows_the_wall_clock_and_nothing_draws_outside_its_streams(string call) =>
        Assert.Empty(SourceTree.LinesWhere(Simulator, line => Regex.IsMatch(line, call)));

    [Fact]
    public void No_file_names_a_folder_of_somebodys_machine()
    {
        string[] folders = ["/home" + "/", "/Users" + "/", "/work" + "/", "/root" + "/", @"C:" + @"\"];
        IEnumerable<string> files = SourceTree.Files(
            ".cs", ".csproj", ".props", ".md", ".yaml", ".yml", ".json", ".py", ".sh", ".sln", ".txt", ".ipynb");
        Assert.Empty(SourceTree.LinesWhere(files, line => folders.Any(line.Contains)));
    }

    private static bool IsIn(string project, string file) =>
        file.StartsWith($"src/ServingSim.{project}/", StringComparison.Ordinal);

    /// <summary>Members with a body in braces, by the indentation that formatting guarantees.</summary>
    private static IEnumerable<string> LongMethods(string file)
    {
        string[] lines = SourceTree.Lines(file);
        int start = -1;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] == "    {"
                && !Regex.IsMatch(lines[i - 1], @"^    \S.*\b(class|record|struct|interface|enum)\b"))
            {
                start = i;
            }

            if (lines[i].StartsWith("    }", StringComparison.Ordinal) && start >= 0)
            {
                if (i - start - 1 > MostLinesOfMethod)
                {
                    yield return $"{file}:{start}: {i - start - 1} lines";
                }

                start = -1;
            }
        }
    }
}
