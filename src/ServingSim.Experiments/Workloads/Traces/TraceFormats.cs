using System.Text;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The formats of traces by name, by a file's name and by its first line.</summary>
public static class TraceFormats
{
    private const int MostBytesOfHeader = 4096;
    private const string ReaderEnd = "-trace";

    private static readonly (TraceFormat Format, string Name, string[] Columns)[] All =
    [
        (TraceFormat.BurstGpt, "burstgpt", BurstGptTrace.Columns),
        (TraceFormat.Azure, "azure", AzureRows.Columns),
        (TraceFormat.Mooncake, "mooncake", []),
        (TraceFormat.Plain, "plain", PlainRows.Columns),
    ];

    /// <summary>The names of all formats.</summary>
    public static string Known { get; } = string.Join(", ", All.Select(f => f.Name));

    /// <summary>The name of a format.</summary>
    public static string NameOf(TraceFormat format) => All.Single(f => f.Format == format).Name;

    /// <summary>The name of the <c>workload.source</c> that replays files of a format.</summary>
    public static string ReaderOf(TraceFormat format) =>
        format == TraceFormat.BurstGpt ? "trace" : NameOf(format) + ReaderEnd;

    /// <summary>The format of a name, its own or its reader's; null for null.</summary>
    /// <param name="option">The option that gives the name, for the <see cref="TraceException"/>.</param>
    /// <param name="name">The name.</param>
    public static TraceFormat? Parse(string option, string? name)
    {
        if (name is null)
        {
            return null;
        }

        foreach ((TraceFormat format, string known, _) in All)
        {
            if (name == known || name == ReaderOf(format))
            {
                return format;
            }
        }

        throw new TraceException(
            option, null, $"no format is named {Names.Quote(name)}{Names.Known(name, [.. All.Select(f => f.Name)])}");
    }

    /// <summary>The format that a file's name tells: Mooncake's by <c>.jsonl</c>, also compressed.</summary>
    public static TraceFormat? OfName(string path)
    {
        string name = TraceFile.IsGzipName(path) ? Path.GetFileNameWithoutExtension(path) : path;
        return name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? TraceFormat.Mooncake : null;
    }

    /// <summary>The format of a file by its first line; throws <see cref="TraceException"/> for others.</summary>
    public static TraceFormat Detect(string path)
    {
        string line = FirstLine(TraceFile.Named(path));
        if (OfLine(line) is { } format)
        {
            return format;
        }

        string expected = string.Join("; ", All.Where(f => f.Columns.Length > 0)
            .Select(f => $"{f.Name}: {string.Join(',', f.Columns)}"));
        string found = line.Length == 0 ? "is empty" : $"is no trace of a known format; begins {Names.Quote(line)}";
        throw new TraceException(
            path, null, $"{found}; expected a JSON object (mooncake) or a header with these columns ({expected})");
    }

    /// <summary>What to tell of a first line that another reader would understand; empty where none would.</summary>
    internal static string Hint(string line) => OfLine(line) is { } format
        ? $"; this is a file of format '{NameOf(format)}', which the source '{ReaderOf(format)}' replays"
        : "";

    internal static ITraceRows Open(TraceFormat format, FilePath path, int blockTokens) => format switch
    {
        TraceFormat.BurstGpt => new BurstGptRows(path),
        TraceFormat.Azure => new AzureRows(path),
        TraceFormat.Mooncake => new MooncakeRows(path, blockTokens),
        _ => new PlainRows(path),
    };

    /// <summary>The file's first line that is not blank, or its beginning where that is long.</summary>
    internal static string FirstLine(FilePath path)
    {
        byte[] start = new byte[MostBytesOfHeader];
        try
        {
            using Stream stream = TraceFile.Open(path);
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            string text = Encoding.UTF8.GetString(start, 0, read).TrimStart('\uFEFF', ' ', '\r', '\n');
            return text.Split('\n')[0].TrimEnd('\r');
        }
        catch (InvalidDataException)
        {
            throw TraceFile.Damaged(path.AsWritten);
        }
    }

    private static TraceFormat? OfLine(string line)
    {
        if (line.StartsWith('{'))
        {
            return TraceFormat.Mooncake;
        }

        string[] columns = [.. line.Split(',').Select(c => c.Trim('"'))];
        foreach ((TraceFormat format, _, string[] needed) in All)
        {
            if (needed.Length > 0 && !needed.Except(columns).Any())
            {
                return format;
            }
        }

        return null;
    }
}
