using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public sealed class ResultFolderTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("servingsim");

    private string FolderPath => Path.Combine(_parent.FullName, "quickstart");

    public void Dispose() => _parent.Delete(recursive: true);

    private static void Write(ResultFolder folder, string name, string text)
    {
        using var writer = new StreamWriter(folder.OpenFile(name));
        writer.Write(text);
    }

    private string[] Names() =>
        [.. Directory.GetFiles(FolderPath).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private void Run(string text, params string[] names)
    {
        using var folder = new ResultFolder(FolderPath);
        foreach (var name in names)
        {
            Write(folder, name, text);
        }

        folder.Complete();
    }

    [Fact]
    public void Files_appear_only_when_the_run_is_complete()
    {
        using var folder = new ResultFolder(FolderPath);
        Write(folder, ResultFolder.SummaryJson, "{}");
        Assert.Equal([".summary.json.partial"], Names());
        folder.Complete();
        Assert.Equal(["summary.json"], Names());
        Assert.Equal("{}", File.ReadAllText(Path.Combine(FolderPath, "summary.json")));
    }

    [Fact]
    public void An_interrupted_run_leaves_no_folder_behind()
    {
        using (var folder = new ResultFolder(FolderPath))
        {
            Write(folder, ResultFolder.SummaryJson, "{");
            folder.OpenFile(ResultFolder.RequestsCsv).WriteByte((byte)'x');
        }

        Assert.False(Directory.Exists(FolderPath));
    }

    [Fact]
    public void An_interrupted_run_leaves_earlier_results_as_they_were()
    {
        Run("old", ResultFolder.SummaryJson);
        using (var folder = new ResultFolder(FolderPath))
        {
            Write(folder, ResultFolder.SummaryJson, "new");
        }

        Assert.Equal(["summary.json"], Names());
        Assert.Equal("old", File.ReadAllText(Path.Combine(FolderPath, "summary.json")));
    }

    [Fact]
    public void A_complete_run_replaces_all_files_of_the_earlier_one_and_nothing_else()
    {
        Run("old", ResultFolder.SummaryJson, ResultFolder.StepsCsv);
        File.WriteAllText(Path.Combine(FolderPath, "notes.txt"), "mine");
        Run("new", ResultFolder.SummaryJson);
        Assert.Equal(["notes.txt", "summary.json"], Names());
        Assert.Equal("new", File.ReadAllText(Path.Combine(FolderPath, "summary.json")));
    }

    [Fact]
    public void What_a_killed_run_left_is_written_over()
    {
        Directory.CreateDirectory(FolderPath);
        File.WriteAllText(Path.Combine(FolderPath, ".summary.json.partial"), "a long rest of something else");
        Run("new", ResultFolder.SummaryJson);
        Assert.Equal(["summary.json"], Names());
        Assert.Equal("new", File.ReadAllText(Path.Combine(FolderPath, "summary.json")));
    }

    [Fact]
    public void A_file_still_being_written_stops_completion()
    {
        using var folder = new ResultFolder(FolderPath);
        folder.OpenFile(ResultFolder.RequestsCsv);
        Assert.Throws<InvariantException>(folder.Complete);
    }

    [Fact]
    public void Two_runs_cannot_write_the_same_folder_at_once()
    {
        using var first = new ResultFolder(FolderPath);
        using var open = first.OpenFile(ResultFolder.RequestsCsv);
        using var second = new ResultFolder(FolderPath);
        Assert.Throws<ResultFolderException>(() => second.OpenFile(ResultFolder.RequestsCsv));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_in_the_error()
    {
        File.WriteAllText(FolderPath, "a file, not a folder");
        var error = Assert.Throws<ResultFolderException>(() => new ResultFolder(FolderPath));
        Assert.StartsWith($"cannot write results to '{FolderPath}': ", error.Message);
    }
}
