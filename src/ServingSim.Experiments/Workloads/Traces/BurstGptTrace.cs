using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CsvHelper;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a BurstGPT file row by row, in file order: columns by name, in any order, with others beside them (BurstGPT_3
/// inserts "Session ID" and "Elapsed time"), any line ends, timestamps as "5" or "5.0". A row that cannot be understood
/// ends the reading with a <see cref="TraceException"/>; none is skipped.
/// </summary>
public sealed class BurstGptTrace : IDisposable
{
    /// <summary>The last second that fits the simulation's clock.</summary>
    private const long MaxSecond = 92_000_000;

    private static readonly string[] Columns = ["Timestamp", "Model", "Request tokens", "Response tokens", "Log Type"];

    private static readonly CsvReaderOptions Format = CsvReaderOptions.Default with
    {
        Separator = ',',
        AllowLineBreaksInQuotes = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
        PoolStrings = true,

        // What has no line end for so long is no CSV
        MaxRecordSize = 1 << 20,
    };

    private readonly CsvReader _csv;
    private readonly int[] _fields = new int[Columns.Length];

    private BurstGptTrace(string file, CsvReader csv) => (File, _csv) = (file, csv);

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }

    /// <summary>Whether rows carry a session and an elapsed time, as in BurstGPT_3.</summary>
    public bool HasSessions { get; private set; }

    /// <summary>Opens a file and finds its columns.</summary>
    public static BurstGptTrace Open(FilePath path)
    {
        BurstGptTrace trace = new(path.AsWritten, OpenFile(path));
        try
        {
            trace.FindColumns();
            return trace;
        }
        catch
        {
            trace.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next row; false at the end of the file.</summary>
    public bool TryRead(out BurstGptRow row)
    {
        row = default;
        if (!NextRecord())
        {
            return false;
        }

        row = new BurstGptRow(
            _csv.LineNumber, ReadSecond(), ReadName(1), ReadName(4), ReadTokens(2), ReadTokens(3));
        if (row.PromptTokens == 0 && !row.Failed)
        {
            Refuse(2, "a prompt of at least one token where there is a response");
        }

        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _csv.Dispose();

    private static CsvReader OpenFile(FilePath path)
    {
        try
        {
            return CsvReader.FromFile(path.FullPath, Format);
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

    private void FindColumns()
    {
        string[] found = [.. ReadHeader()];
        if (found.Any(name => name.Any(c => char.IsControl(c) || c == '\uFFFD')))
        {
            throw new TraceException(File, 1, "is not text; expected a CSV file with a header");
        }

        for (int i = 0; i < Columns.Length; i++)
        {
            if (!_csv.TryGetFieldIndex(Columns[i], out _fields[i]))
            {
                throw new TraceException(
                    File, 1, $"no column '{Columns[i]}'; found {Quoted(found)}; expected {Quoted(Columns)}");
            }

            if (_csv.TryGetFieldIndex(Columns[i], 1, out _))
            {
                throw new TraceException(File, 1, $"two columns '{Columns[i]}'; expected one");
            }
        }

        HasSessions = _csv.TryGetFieldIndex("Session ID", out _);
    }

    private IEnumerable<string> ReadHeader()
    {
        try
        {
            return _csv.Headers.Count > 0
                ? _csv.Headers
                : throw new TraceException(File, null, $"is empty; expected a header with {Quoted(Columns)}");
        }
        catch (CsvFormatException e)
        {
            throw new TraceException(File, 1, $"is no CSV header: {e.Message}");
        }
    }

    private bool NextRecord()
    {
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new TraceException(File, e.LineNumber > 0 ? e.LineNumber : null, $"is no CSV row: {e.Message}");
        }
    }

    private long ReadSecond()
    {
        const string Expected = "whole seconds from 0 to 92000000, as in '5' or '5.0'";
        ReadOnlySpan<byte> text = _csv.GetSpan(_fields[0]);
        if (!Utf8Parser.TryParse(text, out long second, out int used) || used != text.Length)
        {
            bool isNumber = Utf8Parser.TryParse(text, out double seconds, out used) && used == text.Length;
            if (!isNumber || !(seconds is >= 0 and <= MaxSecond) || seconds != Math.Floor(seconds))
            {
                Refuse(0, Expected);
            }

            second = (long)seconds;
        }

        if (second is < 0 or > MaxSecond)
        {
            Refuse(0, Expected);
        }

        return second;
    }

    private string ReadName(int column)
    {
        string name = _csv.GetString(_fields[column]);
        // Names become labels, which results write as "name=value;name=value"
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny(";="))
        {
            Refuse(column, "a name without ';' and '='");
        }

        return name;
    }

    private int ReadTokens(int column)
    {
        ReadOnlySpan<byte> text = _csv.GetSpan(_fields[column]);
        if (!Utf8Parser.TryParse(text, out int tokens, out int used) || used != text.Length || tokens < 0)
        {
            Refuse(column, "a whole number of tokens, 0 or more");
        }

        return tokens;
    }

    [DoesNotReturn]
    private void Refuse(int column, string expected)
    {
        string found = Encoding.UTF8.GetString(_csv.GetSpan(_fields[column]));
        throw new TraceException(File, _csv.LineNumber, $"'{Columns[column]}' is '{found}'; expected {expected}");
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
