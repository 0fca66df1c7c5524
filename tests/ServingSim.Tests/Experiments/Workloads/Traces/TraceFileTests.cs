using System.Formats.Tar;
using System.IO.Compression;
using ServingSim.Experiments.Workloads.Traces;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>What is read as a trace, and what is not replaced by one.</summary>
public sealed class TraceFileTests : IDisposable
{
    private const string Plain = "arrival_s,prompt_tokens,output_tokens\n0,9,2\n1,9,2\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-file-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_pipe_is_refused_and_not_waited_for()
    {
        string pipe = Pipe("pipe");
        File.CreateSymbolicLink(In("link"), pipe);

        foreach (string name in new[] { "pipe", "link" })
        {
            Assert.Equal($"{name}: is no regular file; expected a trace file", ReadRefusal(name));
        }

        Assert.False(TraceFile.IsRegular(pipe));
    }

    [Fact]
    public void A_link_to_a_trace_is_read()
    {
        File.WriteAllText(In("file"), Plain);
        File.CreateSymbolicLink(In("link"), "file");

        Assert.Equal(2, TraceInfo.Read(In("link")).Rows);
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("link")]
    [InlineData("dangling")]
    public void Only_a_regular_file_is_replaced(string output)
    {
        File.WriteAllText(In("in"), Plain);
        File.WriteAllText(In("precious"), "precious");
        Pipe("pipe");
        File.CreateSymbolicLink(In("link"), "precious");
        File.CreateSymbolicLink(In("dangling"), "nothing");

        foreach (bool overwrites in new[] { false, true })
        {
            Assert.Equal(
                $"{output}: is a link or no regular file, which --force does not replace; expected a file to write",
                ConvertRefusal(output, overwrites));
        }

        Assert.Equal("precious", File.ReadAllText(In("link")));
        Assert.Equal(("precious", "nothing"), (LinkTarget("link"), LinkTarget("dangling")));
        Assert.False(TraceFile.IsRegular(In("pipe")));
        Assert.Equal(5, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Fact]
    public void An_empty_file_is_regular_and_replaced_where_asked()
    {
        File.WriteAllText(In("in"), Plain);
        File.WriteAllText(In("out"), "");

        TraceConverter.Run(In("in"), null, In("out"), TraceFormat.Plain, 512, true, default);

        Assert.Equal(Plain, File.ReadAllText(In("out")));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_by_the_name_it_was_to_get()
    {
        File.WriteAllText(In("in"), Plain);
        string output = new('o', 300);

        string message = ConvertRefusal(output, overwrites: false);

        Assert.StartsWith($"{output}: cannot be written: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("partial", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TraceFormat.Plain)]
    [InlineData(TraceFormat.Mooncake)]
    [InlineData(null)]
    public void A_gzip_file_whose_bytes_changed_is_told_so(TraceFormat? format)
    {
        string text = format == TraceFormat.Mooncake
            ? "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 2, \"hash_ids\": [1]}\n"
            : Plain;
        using MemoryStream bytes = new();
        using (StreamWriter writer = new(new GZipStream(bytes, CompressionLevel.Fastest)))
        {
            writer.Write(text);
        }

        // The checksum stands in the eight bytes before the length's four
        byte[] changed = bytes.ToArray();
        changed[^7] ^= 1;
        File.WriteAllBytes(In("in"), changed);

        Assert.Equal(
            "in: is a damaged gzip file: it ends early, or its bytes are not those that were written",
            ReadRefusal("in", format));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    public void An_empty_file_is_told_so(string text)
    {
        File.WriteAllText(In("in"), text);
        Assert.StartsWith("in: is empty; expected a JSON object (mooncake) or a header", ReadRefusal("in"));
    }

    [Theory]
    [InlineData(
        Plain, TraceFormat.BurstGpt, "; this is a file of format 'plain', which the source 'plain-trace' replays")]
    [InlineData(
        Plain, TraceFormat.Mooncake, "; this is a file of format 'plain', which the source 'plain-trace' replays")]
    [InlineData(
        "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 2, \"hash_ids\": [1]}\n", TraceFormat.BurstGpt,
        "; this is a file of format 'mooncake', which the source 'mooncake-trace' replays")]
    public void A_file_of_another_format_is_told_with_its_reader(string text, TraceFormat format, string end)
    {
        File.WriteAllText(In("in"), text);

        string message = ReadRefusal("in", format);

        Assert.StartsWith("in:1: ", message, StringComparison.Ordinal);
        Assert.EndsWith(end, message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string? LinkTarget(string name) => new FileInfo(In(name)).LinkTarget;

    private string Pipe(string name)
    {
        new PaxTarEntry(TarEntryType.Fifo, name).ExtractToFile(In(name), overwrite: false);
        return In(name);
    }

    private string ReadRefusal(string name, TraceFormat? format = null) => Told(
        () => TraceInfo.Read(In(name), format));

    private string ConvertRefusal(string output, bool overwrites) => Told(
        () => TraceConverter.Run(In("in"), null, In(output), TraceFormat.Plain, 512, overwrites, default));

    private string Told(Action action) =>
        Assert.Throws<TraceException>(action).Message.Replace(_folder + "/", "", StringComparison.Ordinal);
}
