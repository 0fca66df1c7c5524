using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using CsvHelper;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Reads a CSV file row by row: columns by name, in any order, with others beside them, any line ends. Columns are
/// told by their index among the names given: the required ones, then the optional.
/// </summary>
internal sealed class TraceCsv : IDisposable
{
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
    private readonly string[] _columns;
    private readonly int?[] _fields;

    /// <summary>Opens a file and finds its columns.</summary>
    internal TraceCsv(FilePath path, string[] required, params string[] optional)
    {
        File = path.AsWritten;
        _columns = [.. required, .. optional];
        _fields = new int?[_columns.Length];
        _csv = CsvReader.Create(TraceFile.Open(path), Format, leaveOpen: false);
        try
        {
            FindColumns(path, required);
        }
        catch
        {
            _csv.Dispose();
            throw;
        }
    }

    /// <summary>The file, as the user named it.</summary>
    internal string File { get; }

    /// <summary>The line of the row, from 1 (the header).</summary>
    internal long Line => _csv.LineNumber;

    /// <summary>Whether the file has an optional column.</summary>
    internal bool Has(int column) => _fields[column] is not null;

    /// <summary>The columns of the file that are none of those asked for.</summary>
    internal IReadOnlyCollection<string> Unread { get; private set; } = [];

    /// <summary>Reads the next row; false at the end of the file.</summary>
    internal bool TryRead()
    {
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new TraceException(File, e.LineNumber > 0 ? e.LineNumber : null, $"is no CSV row: {e.Message}");
        }
        catch (InvalidDataException)
        {
            throw TraceFile.Damaged(File);
        }
    }

    /// <summary>A field's bytes; empty where the file has no such column.</summary>
    internal ReadOnlySpan<byte> Span(int column) => _fields[column] is { } field ? _csv.GetSpan(field) : [];

    /// <summary>A field that becomes a label.</summary>
    internal string ReadName(int column)
    {
        string name = ReadText(column);

        // Results write labels as "name=value;name=value"
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny(";="))
        {
            Refuse(column, "a name without ';' and '='");
        }

        return name;
    }

    /// <summary>A field as it is written.</summary>
    internal string ReadText(int column) => _fields[column] is { } field ? _csv.GetString(field) : string.Empty;

    /// <summary>A count of tokens.</summary>
    internal int ReadTokens(int column)
    {
        ReadOnlySpan<byte> text = Span(column);
        if (!Utf8Parser.TryParse(text, out int tokens, out int used) || used != text.Length || tokens < 0)
        {
            Refuse(column, "a whole number of tokens, 0 or more");
        }

        return tokens;
    }

    /// <summary>The tokens of a prompt, none only where there is no output either.</summary>
    internal int ReadPromptTokens(int column, int outputTokens)
    {
        int tokens = ReadTokens(column);
        if (tokens == 0 && outputTokens > 0)
        {
            Refuse(column, "a prompt of at least one token where there is a response");
        }

        return tokens;
    }

    /// <summary>Ends the reading at a field that cannot be understood.</summary>
    [DoesNotReturn]
    internal void Refuse(int column, string expected) => throw new TraceException(
        File, Line, $"'{_columns[column]}' is '{Encoding.UTF8.GetString(Span(column))}'; expected {expected}");

    /// <summary>Closes the file.</summary>
    public void Dispose() => _csv.Dispose();

    private void FindColumns(FilePath path, string[] required)
    {
        string[] found = [.. ReadHeader(path, required)];
        if (found.Any(name => name.Any(c => char.IsControl(c) || c == '\uFFFD')))
        {
            throw new TraceException(File, 1, "is not text; expected a CSV file with a header");
        }

        Unread = [.. found.Except(_columns)];
        for (int i = 0; i < _columns.Length; i++)
        {
            if (_csv.TryGetFieldIndex(_columns[i], out int field))
            {
                _fields[i] = field;
            }
            else if (i < required.Length)
            {
                string hint = TraceFormats.Hint(string.Join(',', found));
                throw new TraceException(
                    File, 1, $"no column '{_columns[i]}'; found {Quoted(found)}; expected {Quoted(required)}{hint}");
            }

            if (_csv.TryGetFieldIndex(_columns[i], 1, out _))
            {
                throw new TraceException(File, 1, $"two columns '{_columns[i]}'; expected one");
            }
        }
    }

    private IEnumerable<string> ReadHeader(FilePath path, string[] required)
    {
        try
        {
            return _csv.Headers.Count > 0
                ? _csv.Headers
                : throw new TraceException(File, null, $"is empty; expected a header with {Quoted(required)}");
        }
        catch (CsvFormatException e)
        {
            string hint = TraceFormats.Hint(TraceFormats.FirstLine(path));
            throw new TraceException(File, 1, "is no CSV header" + (hint.Length > 0 ? hint : $": {e.Message}"));
        }
        catch (InvalidDataException)
        {
            throw TraceFile.Damaged(File);
        }
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
