using System.Security.Cryptography;
using System.Text;
using CsvHelper;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Accuracy;

/// <summary>A CSV file of measurements, as it is written.</summary>
internal sealed class MeasuredTable
{
    private const int DigitsOfHash = 12;

    /// <summary>How files of measurements are read, so that all readers name their lines alike.</summary>
    private static readonly CsvReaderOptions Format = CsvReaderOptions.Default with
    {
        Separator = ',',
        AllowLineBreaksInQuotes = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
    };

    private readonly Dictionary<string, int> _fields;

    private MeasuredTable(FilePath path, byte[] bytes, string sha256)
    {
        (File, Sha256) = (path.AsWritten, sha256);
        using CsvReader csv = CsvReader.Create(new MemoryStream(bytes), Format, leaveOpen: false);
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        try
        {
            Columns = [.. csv.Headers];
            if (Columns.GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                throw new TraceException(
                    File, 1, $"has {twice.Count()} columns '{twice.Key}', expected one of each name");
            }

            _fields = Columns.Index().DistinctBy(c => c.Item).ToDictionary(c => c.Item, c => c.Index);
            List<MeasuredRow> rows = [];
            while (csv.Read())
            {
                string[] values = [.. Enumerable.Range(0, Columns.Count).Select(i => csv.GetString(i))];
                rows.Add(new MeasuredRow(this, csv.LineNumber, values, lines[csv.LineNumber - 1]));
            }

            Rows = rows;
        }
        catch (CsvFormatException e)
        {
            throw new TraceException(File, e.LineNumber > 0 ? e.LineNumber : null, $"is no CSV row: {e.Message}");
        }
    }

    /// <summary>The file, as the user named it.</summary>
    public string File { get; }

    /// <summary>The SHA-256 of its bytes as they are stored, in hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>Its columns, from left to right.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Its rows, in order.</summary>
    public IReadOnlyList<MeasuredRow> Rows { get; }

    /// <summary>Reads a file whole; throws <see cref="TraceException"/>.</summary>
    public static MeasuredTable Read(FilePath path)
    {
        using MemoryStream bytes = new();
        using (Stream stream = TraceFile.Open(path))
        {
            try
            {
                stream.CopyTo(bytes);
            }
            catch (InvalidDataException)
            {
                throw TraceFile.Damaged(path.AsWritten);
            }
        }

        using FileStream stored = System.IO.File.OpenRead(path.FullPath);
        return new MeasuredTable(path, bytes.ToArray(), Convert.ToHexStringLower(SHA256.HashData(stored)));
    }

    /// <summary>
    /// The name of a line, without its line end: by it latency files name what they were fitted on, and cases are
    /// refused.
    /// </summary>
    public static string HashOf(string line) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line.TrimEnd('\r'))))[..DigitsOfHash];

    /// <summary>The index of a column; null if there is none of that name.</summary>
    public int? Find(string column) => _fields.TryGetValue(column, out int index) ? index : null;
}

/// <summary>One row of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Values">What it says, from left to right.</param>
/// <param name="Text">Its line, as it is written.</param>
internal sealed record MeasuredRow(MeasuredTable Table, long Line, IReadOnlyList<string> Values, string Text)
{
    /// <summary>The first digits of the SHA-256 of its line.</summary>
    public string Hash => MeasuredTable.HashOf(Text);

    /// <summary>The value of a column; null where the table has none, empty where the row says nothing.</summary>
    public string? this[string column] => Table.Find(column) is { } index ? Values[index] : null;

    /// <summary>The number in a column; null where there is none.</summary>
    public double? Number(string column) =>
        this[column] is { } text && ScalarText.TryNumber(text, out double number) ? number : null;
}
