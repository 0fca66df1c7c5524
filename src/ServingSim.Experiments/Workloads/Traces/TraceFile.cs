using System.IO.Compression;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Opens trace files; those that begin as gzip files do are decompressed, whatever their name.</summary>
internal static class TraceFile
{
    /// <summary>Whether a file of this name is written compressed by gzip.</summary>
    internal static bool IsGzipName(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's text, from its beginning; throws <see cref="TraceException"/>.</summary>
    internal static Stream Open(FilePath path)
    {
        if (Directory.Exists(path.FullPath))
        {
            throw new TraceException(path.AsWritten, null, "is a folder; expected a trace file");
        }

        try
        {
            FileStream file = new(path.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (!file.CanSeek)
            {
                file.Dispose();
                throw new TraceException(path.AsWritten, null, "is no regular file; expected a trace file");
            }

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
