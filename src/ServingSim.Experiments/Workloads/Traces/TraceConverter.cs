using System.IO.Compression;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Writes a trace in another format, row by row, and counts what is dropped and lost.</summary>
public sealed class TraceConverter
{
    private const int RowsBetweenLooks = 4096;

    private static readonly (TraceFacts Fact, string Name)[] FactNames =
    [
        (TraceFacts.Model, "model"), (TraceFacts.LogType, "log type"), (TraceFacts.Session, "session"),
        (TraceFacts.Tenant, "tenant"), (TraceFacts.Priority, "priority"), (TraceFacts.Prefix, "shared prefix"),
        (TraceFacts.EndOfPrefix, "shared prefix past its last whole block"), (TraceFacts.HashIds, "hash ids"),
        (TraceFacts.ElapsedTime, "elapsed time"), (TraceFacts.FineTime, "time below 100 ns, rounded down"),
    ];

    private readonly FilePath _input;
    private readonly string _output;
    private readonly TraceFormat _from;
    private readonly TraceFormat _to;
    private readonly int _blockTokens;
    private readonly long[] _lost = new long[FactNames.Length];
    private long _read;
    private long _failed;
    private long _failedWithoutSize;
    private long _written;
    private SimTime _first;
    private SimTime _last;
    private bool _hasFractions;

    private TraceConverter(FilePath input, TraceFormat from, string output, TraceFormat to, int blockTokens) =>
        (_input, _from, _output, _to, _blockTokens) = (input, from, output, to, blockTokens);

    /// <summary>
    /// Writes a trace in another format; the file takes its name when it is complete. What cannot be read or written is
    /// a <see cref="TraceException"/>.
    /// </summary>
    /// <param name="input">The file to read.</param>
    /// <param name="from">Its format; null to tell it by its first line.</param>
    /// <param name="output">The file to write, compressed by gzip where its name ends in .gz.</param>
    /// <param name="to">Its format; null to tell it by its name.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file, read or written.</param>
    /// <param name="overwrites">Whether a file that is there already is replaced.</param>
    /// <param name="cancellation">Ends it without a file.</param>
    public static TraceConversion Run(
        string input, TraceFormat? from, string output, TraceFormat? to, int blockTokens, bool overwrites,
        CancellationToken cancellation)
    {
        TraceFormat toFormat = to ?? TraceFormats.OfName(output) ?? throw new TraceException(
            output, null, $"the name does not tell the format; say it with --to; known: {TraceFormats.Known}");
        FilePath path = TraceFile.Named(input);
        CheckTarget(path, output, overwrites);
        return new TraceConverter(path, from ?? TraceFormats.Detect(input), output, toFormat, blockTokens)
            .Run(overwrites, cancellation);
    }

    private TraceConversion Run(bool overwrites, CancellationToken cancellation)
    {
        string target = Path.GetFullPath(_output);
        string partial = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.partial");
        using ITraceRows rows = TraceFormats.Open(_from, _input, _blockTokens);
        try
        {
            Write(rows, partial, target, overwrites, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TraceException(_output, null, $"cannot be written: {e.Message.Replace(partial, target)}");
        }

        return Result(rows);
    }

    private void Write(
        ITraceRows rows, string partial, string target, bool overwrites, CancellationToken cancellation)
    {
        try
        {
            WriteAll(rows, partial, cancellation);
            File.Move(partial, target, overwrites);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private void WriteAll(ITraceRows rows, string path, CancellationToken cancellation)
    {
        // Azure's first row tells the date that its writer starts from
        bool isAny = TryRead(rows, out TraceRow row);
        using (ITraceWriter writer = OpenWriter(
            path, _output, _to, rows.Facts, _blockTokens, (rows as AzureRows)?.First))
        {
            while (isAny)
            {
                Convert(row, writer);
                if (_read % RowsBetweenLooks == 1)
                {
                    cancellation.ThrowIfCancellationRequested();
                }

                isAny = TryRead(rows, out row);
            }
        }

        CheckWritten();
    }

    /// <summary>Throws <see cref="TraceException"/> where a trace cannot be written there.</summary>
    internal static void CheckTarget(FilePath input, string output, bool overwrites)
    {
        string target = TraceFile.FullPath(output, "a file to write");
        if (Real(target) == Real(input.FullPath))
        {
            throw new TraceException(output, null, "is the file to read; expected another one to write");
        }

        if (Directory.Exists(target))
        {
            throw new TraceException(output, null, "is a folder; expected a file to write");
        }

        if (Path.Exists(target) && !TraceFile.IsRegular(target))
        {
            throw new TraceException(
                output, null, "is a link or no regular file, which --force does not replace; expected a file to write");
        }

        if (File.Exists(target) && !overwrites)
        {
            throw new TraceException(output, null, "is there already; --force replaces it");
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new TraceException(output, null, $"no such folder: {Path.GetDirectoryName(target)}");
        }
    }

    private static string Real(string path) =>
        File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;

    private bool TryRead(ITraceRows rows, out TraceRow row)
    {
        if (!rows.TryRead(out row))
        {
            return false;
        }

        if (_read == 0)
        {
            _first = _last = row.Recorded;
        }

        TraceWorkload.CheckOrder(rows.File, row, _last);
        _last = row.Recorded;
        _read++;
        return true;
    }

    /// <summary>Starts a trace file.</summary>
    /// <param name="path">Where it is written.</param>
    /// <param name="name">The name it gets: compressed by gzip where that ends in .gz.</param>
    /// <param name="to">Its format.</param>
    /// <param name="facts">What rows may tell beside their time and lengths.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file.</param>
    /// <param name="first">The date that an Azure file's axis starts at.</param>
    internal static ITraceWriter OpenWriter(
        string path, string name, TraceFormat to, TraceFacts facts, int blockTokens, DateTimeOffset? first = null)
    {
        FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        Stream stream = TraceFile.IsGzipName(name) ? new GZipStream(file, CompressionLevel.Optimal) : file;
        return to switch
        {
            TraceFormat.BurstGpt => new BurstGptWriter(stream, facts),
            TraceFormat.Azure => new AzureWriter(stream, first ?? AzureWriter.NoDate),
            TraceFormat.Mooncake => new MooncakeWriter(stream, blockTokens),
            _ => new PlainWriter(stream, facts),
        };
    }

    private void Convert(in TraceRow row, ITraceWriter writer)
    {
        if (row.Failed)
        {
            _failed++;
            _failedWithoutSize += row.FailedWithoutSize ? 1 : 0;
            return;
        }

        // A plain file's replay starts at its time 0, that of all others at the first row
        SimTime time = _to == TraceFormat.Plain && _from != TraceFormat.Plain ? row.Recorded - _first : row.Recorded;
        TraceFacts lost = writer.Write(row with { Recorded = time });
        _written++;
        _hasFractions |= time.Ticks % SimTime.TicksPerSecond != 0;
        for (int i = 0; lost != TraceFacts.None && i < FactNames.Length; i++)
        {
            _lost[i] += lost.HasFlag(FactNames[i].Fact) ? 1 : 0;
        }
    }

    private void CheckWritten()
    {
        if (_read == 0)
        {
            throw TraceException.NoRow(_input.AsWritten);
        }

        if (_written == 0)
        {
            throw new TraceException(_input.AsWritten, null, $"no row is left: all {_read:N0} failed");
        }
    }

    private TraceConversion Result(ITraceRows rows) => new(
        _input.AsWritten, _from, _output, _to, _read, _failed, _failedWithoutSize, _written,
        [.. FactNames.Index().Where(f => _lost[f.Index] > 0).Select(f => (f.Item.Name, _lost[f.Index]))],
        [.. Notes(rows)]);

    private IEnumerable<string> Notes(ITraceRows rows)
    {
        if (rows.Unread.Count > 0)
        {
            yield return $"not read and so not written: {string.Join(", ", rows.Unread.Select(Names.Quote))}";
        }

        if (_from == TraceFormat.BurstGpt && _to != TraceFormat.BurstGpt && !_hasFractions)
        {
            yield return "rows of one second all keep its start: only the reader of BurstGPT spreads them";
        }

        if (_to == TraceFormat.Plain && _first != SimTime.Zero && _from != TraceFormat.Plain)
        {
            yield return $"times count from the first row, which is at {_first.TotalSeconds:#,0.###} s of its file";
        }

        if (rows is AzureRows { First: { } first } && _to != TraceFormat.Azure)
        {
            string date = $"{first.UtcDateTime:yyyy-MM-dd HH:mm:ss.fffffff} UTC";
            yield return $"dates are lost: times count from the first row, {date}";
        }

        if (_from != TraceFormat.Azure && _to == TraceFormat.Azure)
        {
            yield return $"dates count from {AzureWriter.NoDate:yyyy-MM-dd}: the source has none";
        }

        if (_from != TraceFormat.BurstGpt && _to == TraceFormat.BurstGpt)
        {
            yield return "model and log type are 'unknown': the source tells neither";
        }

        if (_to == TraceFormat.BurstGpt && _hasFractions)
        {
            yield return "times have fractions of a second, unlike published files: replay with spread_ties: false";
        }

        if (_from != TraceFormat.Mooncake && _to == TraceFormat.Mooncake)
        {
            yield return $"hash ids are made up for blocks of {_blockTokens} tokens: shared in a shared prefix only";
        }
    }
}
