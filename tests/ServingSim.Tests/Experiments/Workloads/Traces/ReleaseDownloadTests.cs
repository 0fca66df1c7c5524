using System.Security.Cryptography;
using ServingSim.Experiments.Workloads.Traces;
using Xunit;
using Answer = ServingSim.Tests.Experiments.Workloads.Traces.LoopbackServer.Answer;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class ReleaseDownloadTests : IDisposable
{
    private const string Name = "t.csv";
    private const string Kept = "; t/t.csv.part keeps 40,000 of 100,000 bytes, and the same command goes on from there";
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7 / 3))];
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-fetch-").FullName;

    private string Final => Path.Combine(_folder, Name);

    private string Part => Final + ".part";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_comes_whole_is_checked_and_takes_its_name()
    {
        await using LoopbackServer server = new((_, _) => Answer.Ok(Content));
        List<(long, long)> progress = [];

        string result = await RunAsync(server, progress: (bytes, total) => progress.Add((bytes, total)));

        Assert.Equal("t/t.csv: 100,000 bytes and SHA-256 as published", result);
        AssertComplete();
        Assert.Equal([("/t.csv", null)], server.Heard);
        Assert.Equal((100_000, 100_000), progress[^1]);
    }

    [Fact]
    public async Task A_file_of_unknown_hash_is_checked_by_its_size_and_says_so()
    {
        await using LoopbackServer server = new((_, _) => Answer.Ok(Content));

        Assert.Equal(
            "t/t.csv: 100,000 bytes as published; its SHA-256 is not known and was not checked, it is " + Hash,
            await RunAsync(server, file => file with { Sha256 = null }));
        AssertComplete();
    }

    [Fact]
    public async Task What_has_come_is_resumed()
    {
        File.WriteAllBytes(Part, Content[..40_000]);
        await using LoopbackServer server = new((_, from) => Answer.Rest(Content, from!.Value));

        await RunAsync(server);

        AssertComplete();
        Assert.Equal([("/t.csv", 40_000)], server.Heard);
    }

    [Fact]
    public async Task A_server_that_does_not_resume_gives_the_whole_file_again()
    {
        File.WriteAllBytes(Part, new byte[40_000]);
        await using LoopbackServer server = new((_, _) => Answer.Ok(Content));

        await RunAsync(server);

        AssertComplete();
        Assert.Equal([("/t.csv", 40_000)], server.Heard);
    }

    [Theory]
    [InlineData("206 Partial Content", "Content-Range: bytes 0-99999/100000\r\n")]
    [InlineData("206 Partial Content", "Content-Range: bytes 40000-99998/99999\r\n")]
    [InlineData("206 Partial Content", "")]
    [InlineData("416 Range Not Satisfiable", "Content-Range: bytes */30000\r\n")]
    public async Task An_answer_that_is_not_the_rest_starts_again(string status, string range)
    {
        File.WriteAllBytes(Part, new byte[40_000]);
        await using LoopbackServer server = new(
            (_, from) => from is null ? Answer.Ok(Content) : new(status, range + "Content-Length: 0\r\n", []));

        await RunAsync(server);

        AssertComplete();
        Assert.Equal([("/t.csv", 40_000), ("/t.csv", null)], server.Heard);
    }

    [Fact]
    public async Task A_part_that_is_longer_than_the_file_is_discarded()
    {
        File.WriteAllBytes(Part, new byte[100_001]);
        await using LoopbackServer server = new((_, _) => Answer.Ok(Content));

        await RunAsync(server);

        AssertComplete();
        Assert.Equal([("/t.csv", null)], server.Heard);
    }

    [Fact]
    public async Task A_part_that_is_whole_is_only_checked()
    {
        File.WriteAllBytes(Part, Content);
        await using LoopbackServer server = new((_, _) => Answer.Ok([]));

        await RunAsync(server);

        AssertComplete();
        Assert.Empty(server.Heard);
    }

    [Theory]
    [InlineData("/b/c.csv")]
    [InlineData("http://127.0.0.1:{port}/b/c.csv")]
    [InlineData("b/c.csv")]
    public async Task Redirects_of_the_same_scheme_are_followed_with_the_range(string to)
    {
        File.WriteAllBytes(Part, Content[..40_000]);
        string port = "";
        await using LoopbackServer server = new((path, from) => path == "/b/c.csv"
            ? Answer.Rest(Content, from!.Value)
            : Answer.Redirect(to.Replace("{port}", port)));
        port = server.Address.Split(':')[^1];

        await RunAsync(server);

        AssertComplete();
        Assert.Equal([("/t.csv", 40_000), ("/b/c.csv", 40_000)], server.Heard);
    }

    [Theory]
    [InlineData("https://127.0.0.1/t.csv")]
    [InlineData("ftp://127.0.0.1/t.csv")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_to_another_scheme_is_refused(string to)
    {
        await using LoopbackServer server = new((_, _) => Answer.Redirect(to));

        await RefusedAsync(server, $"the server redirects to {to}; expected an http address");
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Redirects_without_end_are_refused()
    {
        await using LoopbackServer server = new((_, _) => Answer.Redirect("/t.csv"));

        await RefusedAsync(server, $"the server redirects more than 5 times, last to {server.Address}/t.csv");
        Assert.Equal(6, server.Heard.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_ends_early_stays_and_the_next_call_goes_on(bool isLengthTold)
    {
        byte[] start = Content[..40_000];
        await using LoopbackServer server = new((_, from) =>
            from is { } rest ? Answer.Rest(Content, rest)
            : isLengthTold ? Answer.Ok(start, Content.Length) : new("200 OK", "", start));

        TraceException e = await Assert.ThrowsAsync<TraceException>(() => RunAsync(server));

        Assert.StartsWith("t/t.csv: the connection ", Message(e), StringComparison.Ordinal);
        Assert.EndsWith(Kept, Message(e), StringComparison.Ordinal);
        Assert.False(File.Exists(Final));
        Assert.Equal(start, File.ReadAllBytes(Part));
        await RunAsync(server);
        AssertComplete();
        Assert.Equal([("/t.csv", null), ("/t.csv", 40_000)], server.Heard);
    }

    [Fact]
    public async Task Another_size_than_published_is_refused_before_anything_is_written()
    {
        File.WriteAllBytes(Part, Content[..40_000]);
        await using LoopbackServer server = new((_, _) => Answer.Ok([.. Content, 1]));

        await RefusedAsync(server, "the server offers 100,001 bytes; expected 100,000" + Kept);
        Assert.Equal(Content[..40_000], File.ReadAllBytes(Part));
    }

    [Fact]
    public async Task Bytes_without_end_are_stopped_and_deleted()
    {
        await using LoopbackServer server = new((_, _) => new("200 OK", "", [.. Content, 1], ThenWaits: true));
        long most = 0;

        TraceException e = await Assert.ThrowsAsync<TraceException>(
            () => RunAsync(server, progress: (bytes, _) => most = bytes));

        Assert.Equal("t/t.csv: more than 100,000 bytes came; they are deleted", Message(e));
        Assert.InRange(most, 0, 100_000);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_wrong_hash_deletes_what_came()
    {
        byte[] other = [.. Content[1..], 1];
        await using LoopbackServer server = new((_, _) => Answer.Ok(other));

        string hash = Convert.ToHexStringLower(SHA256.HashData(other));
        await RefusedAsync(server, $"what came has SHA-256 {hash}; expected {Hash}; it is deleted");
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_wrong_beginning_is_found_when_it_is_whole()
    {
        File.WriteAllBytes(Part, new byte[40_000]);
        await using LoopbackServer server = new((_, from) => Answer.Rest(Content, from!.Value));

        await Assert.ThrowsAsync<TraceException>(() => RunAsync(server));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_downloaded_again()
    {
        File.WriteAllBytes(Final, Content);
        await using LoopbackServer server = new((_, _) => Answer.Ok([]));

        Assert.Equal(
            "t/t.csv: is there already, 100,000 bytes and SHA-256 as published", await RunAsync(server));
        Assert.Empty(server.Heard);
    }

    [Fact]
    public async Task Another_file_of_that_name_is_never_overwritten()
    {
        await using LoopbackServer server = new((_, _) => Answer.Ok(Content));
        byte[] other = [.. Content[1..], 1];
        foreach (byte[] there in new[] { [1, 2, 3], other })
        {
            File.WriteAllBytes(Final, there);
            TraceException e = await Assert.ThrowsAsync<TraceException>(() => RunAsync(server));
            Assert.StartsWith("t/t.csv: is there already ", Message(e), StringComparison.Ordinal);
            Assert.EndsWith(
                "; move it away, or choose another folder with --out", Message(e), StringComparison.Ordinal);
            Assert.Equal(there, File.ReadAllBytes(Final));
        }

        File.Delete(Final);
        Directory.CreateDirectory(Final);
        await RefusedAsync(
            server,
            "is there already as a folder; expected 100,000 bytes; move it away, or choose another folder with --out");
        Assert.Empty(server.Heard);
    }

    [Fact]
    public async Task An_error_of_the_server_is_told_and_keeps_what_has_come()
    {
        File.WriteAllBytes(Part, Content[..40_000]);
        await using LoopbackServer server = new((_, _) => new("404 Not Found", "Content-Length: 0\r\n", []));

        await RefusedAsync(server, $"the server answers 404 Not Found for {server.Address}/t.csv" + Kept);
        Assert.True(File.Exists(Part));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        LoopbackServer server = new((_, _) => Answer.Ok(Content));
        ReleaseFile file = FileOf(server);
        await server.DisposeAsync();
        using HttpClient client = ReleaseDownload.Client();

        TraceException e = await Assert.ThrowsAsync<TraceException>(
            () => new ReleaseDownload(file, _folder, client).RunAsync((_, _) => { }, default));

        Assert.StartsWith("t/t.csv: cannot be downloaded: ", Message(e), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_falls_silent_loses_the_connection()
    {
        await using LoopbackServer server = new((_, _) => new("200 OK", "", [], ThenWaits: true));
        using HttpClient client = ReleaseDownload.Client();
        ReleaseDownload download = new(FileOf(server), _folder, client) { Patience = TimeSpan.FromMilliseconds(20) };

        TraceException e = await Assert.ThrowsAsync<TraceException>(() => download.RunAsync((_, _) => { }, default));

        Assert.Equal("t/t.csv: the server was silent for 0.02 s", Message(e));
    }

    [Fact]
    public async Task An_interrupted_download_keeps_what_has_come()
    {
        await using LoopbackServer server = new((_, _) =>
            new("200 OK", "Content-Length: 100000\r\n", Content[..40_000], ThenWaits: true));
        using CancellationTokenSource interrupted = new();
        using HttpClient client = ReleaseDownload.Client();
        ReleaseDownload download = new(FileOf(server), _folder, client);
        void InterruptAt(long bytes, long total)
        {
            if (bytes == 40_000)
            {
                interrupted.Cancel();
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => download.RunAsync(InterruptAt, interrupted.Token));

        Assert.Equal(Kept, download.Kept.Replace(_folder, "t"));
        Assert.Equal(Content[..40_000], File.ReadAllBytes(Part));
    }

    [Theory]
    [InlineData("../t.csv")]
    [InlineData("a/t.csv")]
    [InlineData("/t.csv")]
    [InlineData("..")]
    [InlineData(".")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        using HttpClient client = ReleaseDownload.Client();
        Assert.EndsWith(
            $"is not a file of the folder '{_folder}'",
            Assert.Throws<TraceException>(() => new ReleaseDownload(
                new ReleaseFile(name, new Uri("http://127.0.0.1:1/"), 1, null), _folder, client)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_release_files_are_of_one_release_and_found_by_name()
    {
        Assert.Equal(6, ReleaseFiles.BurstGpt.Select(f => f.Name).Distinct().Count());
        Assert.All(ReleaseFiles.BurstGpt, f =>
        {
            Assert.Equal($"https://github.com/HPMLL/BurstGPT/releases/download/v2.0/{f.Name}", f.Address.ToString());
            Assert.True(f.Sha256 is null || f.Sha256.All(char.IsAsciiHexDigitLower) && f.Sha256.Length == 64);
            Assert.Same(f, ReleaseFiles.Find(ReleaseFiles.BurstGpt, f.Name));
            Assert.Same(f, ReleaseFiles.Find(ReleaseFiles.BurstGpt, f.Name[..^4]));
        });
    }

    private static ReleaseFile FileOf(LoopbackServer server) =>
        new(Name, new Uri($"{server.Address}/{Name}"), Content.Length, Hash);

    private async Task<string> RunAsync(
        LoopbackServer server, Func<ReleaseFile, ReleaseFile>? change = null, Action<long, long>? progress = null)
    {
        using HttpClient client = ReleaseDownload.Client();
        ReleaseFile file = change is null ? FileOf(server) : change(FileOf(server));
        string result = await new ReleaseDownload(file, _folder, client).RunAsync(
            progress ?? ((_, _) => { }), CancellationToken.None);
        return result.Replace(_folder, "t");
    }

    private async Task RefusedAsync(LoopbackServer server, string message) => Assert.Equal(
        "t/t.csv: " + message, Message(await Assert.ThrowsAsync<TraceException>(() => RunAsync(server))));

    private string Message(TraceException e) => e.Message.Replace(_folder, "t");

    private void AssertComplete()
    {
        Assert.Equal([Final], Directory.GetFileSystemEntries(_folder));
        Assert.Equal(Content, File.ReadAllBytes(Final));
    }
}
