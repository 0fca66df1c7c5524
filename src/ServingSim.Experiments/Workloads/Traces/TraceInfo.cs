using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What a BurstGPT file holds, found in one pass.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="HasSessions">Whether rows carry a session and an elapsed time, as in BurstGPT_3.</param>
/// <param name="Rows">Data rows.</param>
/// <param name="FirstSecond">Earliest timestamp, in seconds on the trace's axis.</param>
/// <param name="LastSecond">Latest timestamp, likewise.</param>
/// <param name="IsSorted">Whether no row is earlier than the one before; only then can it be replayed.</param>
/// <param name="Ties">Rows of the same second as the row before.</param>
/// <param name="Failed">Rows without a response.</param>
/// <param name="FailedWithoutSize">Those of the failed without a prompt size either.</param>
/// <param name="BusiestSecond">The second with most rows; null where the rows are not sorted.</param>
/// <param name="BusiestMinute">The minute (of the trace's axis) with most rows, likewise.</param>
/// <param name="BusiestHour">The hour (of the trace's axis) with most rows, likewise.</param>
/// <param name="Classes">By model and log type, in order of these names.</param>
public sealed record TraceInfo(
    string File, long Bytes, bool HasSessions, long Rows, long FirstSecond, long LastSecond, bool IsSorted, long Ties,
    long Failed, long FailedWithoutSize, BusiestSpan? BusiestSecond, BusiestSpan? BusiestMinute,
    BusiestSpan? BusiestHour, IReadOnlyList<TraceClass> Classes)
{
    /// <summary>Reads a file to its end.</summary>
    public static TraceInfo Read(string path)
    {
        using BurstGptTrace trace = BurstGptTrace.Open(new FilePath(Path.GetFullPath(path), path));
        SpanCounter second = new(1);
        SpanCounter minute = new(60);
        SpanCounter hour = new(3600);
        SortedDictionary<(string Model, string LogType), ClassCounter> classes = [];
        (long rows, long ties, long first, long last, bool isSorted) = (0, 0, long.MaxValue, long.MinValue, true);
        long previous = 0;
        while (trace.TryRead(out BurstGptRow row))
        {
            ties += rows > 0 && row.Second == previous ? 1 : 0;
            isSorted &= row.Second >= previous;
            previous = row.Second;
            rows++;
            (first, last) = (Math.Min(first, row.Second), Math.Max(last, row.Second));
            second.Add(row.Second);
            minute.Add(row.Second);
            hour.Add(row.Second);
            if (!classes.TryGetValue((row.Model, row.LogType), out ClassCounter? counter))
            {
                classes.Add((row.Model, row.LogType), counter = new ClassCounter());
            }

            counter.Add(row);
        }

        if (rows == 0)
        {
            throw TraceException.NoRow(path);
        }

        TraceClass[] found = [.. classes.Select(c => c.Value.ToClass(c.Key.Model, c.Key.LogType))];
        return new TraceInfo(
            path, new FileInfo(path).Length, trace.HasSessions, rows, first, last, isSorted, ties,
            found.Sum(c => c.Failed), found.Sum(c => c.FailedWithoutSize), isSorted ? second.Busiest : null,
            isSorted ? minute.Busiest : null, isSorted ? hour.Busiest : null, found);
    }

    /// <summary>Counts sorted rows in spans of equal length, aligned to the axis; keeps the first largest.</summary>
    private sealed class SpanCounter(long seconds)
    {
        private BusiestSpan _current;

        internal BusiestSpan Busiest { get; private set; }

        internal void Add(long second)
        {
            long start = second - (second % seconds);
            _current = new BusiestSpan(start, start == _current.StartSecond ? _current.Rows + 1 : 1);
            if (_current.Rows > Busiest.Rows)
            {
                Busiest = _current;
            }
        }
    }

    private sealed class ClassCounter
    {
        private readonly TokenCounter _prompts = new();
        private readonly TokenCounter _outputs = new();
        private long _rows;
        private long _failed;
        private long _failedWithoutSize;

        internal void Add(in BurstGptRow row)
        {
            _rows++;
            if (row.Failed)
            {
                _failed++;
                _failedWithoutSize += row.FailedWithoutSize ? 1 : 0;
                return;
            }

            _prompts.Add(row.PromptTokens);
            _outputs.Add(row.OutputTokens);
        }

        internal TraceClass ToClass(string model, string logType) => new(
            model, logType, _rows, _failed, _failedWithoutSize, _prompts.Statistics(), _outputs.Statistics());
    }
}

/// <summary>The span of time with most rows; of equals the first.</summary>
/// <param name="StartSecond">Its start, in seconds on the trace's axis.</param>
/// <param name="Rows">Rows in it, failed ones included.</param>
public readonly record struct BusiestSpan(long StartSecond, long Rows);
