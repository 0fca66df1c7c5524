using System.IO.Compression;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Opens trace files; those that begin as gzip files do are decompressed, whatever their name.</summary>
internal static class TraceFile
{
    /// <summary>The file's text, from its beginning; throws <see cref="TraceException"/>.</summary>
    internal static Stream Open(FilePath path)
    {
        try
        {
            FileStream file = new(path.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            bool isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TraceException(path.AsWritten, null, $"no such file: {path.FullPath}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceException(path.AsWritten, null, $"cannot be opened: {e.Message}");
        }
    }

    /// <summary>The problem of a file whose compressed data cannot be read.</summary>
    internal static TraceException Broken(string file, InvalidDataException e) =>
        new(file, null, $"is a broken gzip file: {e.Message}");
}
