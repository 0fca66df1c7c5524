using System.Formats.Tar;
using System.IO.Compression;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Opens trace files; those that begin as gzip files do are decompressed, whatever their name.</summary>
internal static class TraceFile
{
    /// <summary>Whether a file of this name is written compressed by gzip.</summary>
    internal static bool IsGzipName(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>A file that the user named on the command line.</summary>
    internal static FilePath Named(string written) => new(FullPath(written, "a file"), written);

    /// <summary>Where a path written on the command line leads; throws <see cref="TraceException"/>.</summary>
    internal static string FullPath(string written, string expected) =>
        Paths.Resolve(Environment.CurrentDirectory, written)
            ?? throw new TraceException(Names.Quote(written), null, $"found no path, expected {expected}");

    /// <summary>The file's text, from its beginning; throws <see cref="TraceException"/>.</summary>
    internal static Stream Open(FilePath path)
    {
        if (Directory.Exists(path.FullPath))
        {
            throw new TraceException(path.AsWritten, null, "is a folder; expected a trace file");
        }

        try
        {
            // A pipe would wait for a writer, so it is not opened to look
            string real = File.ResolveLinkTarget(path.FullPath, returnFinalTarget: true)?.FullName ?? path.FullPath;
            if (Path.Exists(real) && !IsRegular(real))
            {
                throw NotRegular(path);
            }

            FileStream file = new(path.FullPath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (!file.CanSeek)
            {
                file.Dispose();
                throw NotRegular(path);
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

    /// <summary>Whether the last line of a file's text is ended.</summary>
    internal static bool EndsWithLineEnd(FilePath path)
    {
        using Stream text = Open(path);
        byte[] buffer = new byte[1 << 16];
        byte last = (byte)'\n';
        for (int read; (read = text.Read(buffer)) > 0;)
        {
            last = buffer[read - 1];
        }

        return last is (byte)'\n' or (byte)'\r';
    }

    /// <summary>The problem of a file whose compressed data cannot be read.</summary>
    internal static TraceException Damaged(string file) =>
        new(file, null, "is a damaged gzip file: it ends early, or its bytes are not those that were written");

    /// <summary>Whether a file that is there is no link, pipe, socket or device.</summary>
    internal static bool IsRegular(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is not null)
        {
            return false;
        }

        // What is special has no length; what kind an empty file is of, only an archive's entry tells
        return file.Length > 0 || OperatingSystem.IsWindows() || EntryType(path) == TarEntryType.RegularFile;
    }

    private static TarEntryType? EntryType(string path)
    {
        using MemoryStream archive = new();
        try
        {
            using TarWriter writer = new(archive, TarEntryFormat.Pax, leaveOpen: true);
            writer.WriteEntry(path, "file");
        }
        catch (UnauthorizedAccessException)
        {
            // Only regular files are opened for it
            return TarEntryType.RegularFile;
        }
        catch (IOException)
        {
            // An archive holds no sockets
            return null;
        }

        archive.Position = 0;
        using TarReader reader = new(archive);
        return reader.GetNextEntry()?.EntryType;
    }

    private static TraceException NotRegular(FilePath path) =>
        new(path.AsWritten, null, "is no regular file; expected a trace file");
}
