using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What a trace holds, found in one pass.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Format">How it is written.</param>
/// <param name="HasSessions">Whether rows may carry a session, as in BurstGPT_3.</param>
/// <param name="Rows">Data rows.</param>
/// <param name="FirstS">Earliest time, in seconds on the trace's axis.</param>
/// <param name="LastS">Latest time, likewise.</param>
/// <param name="IsSorted">Whether no row is earlier than the one before; only then can it be replayed.</param>
/// <param name="Ties">Rows of the same time as the row before.</param>
/// <param name="Failed">Rows without a response.</param>
/// <param name="FailedWithoutSize">Those of the failed without a prompt size either.</param>
/// <param name="BusiestSecond">The second with most rows; null where the rows are not sorted.</param>
/// <param name="BusiestMinute">The minute (of the trace's axis) with most rows, likewise.</param>
/// <param name="BusiestHour">The hour (of the trace's axis) with most rows, likewise.</param>
/// <param name="IdealHitRate">
/// Share of the prompt tokens that a cache which never gives up a block would hit; null where no hash ids tell.
/// </param>
/// <param name="Classes">By model, log type and tenant, in order of these names.</param>
public sealed record TraceInfo(
    string File, long Bytes, TraceFormat Format, bool HasSessions, long Rows, double FirstS, double LastS,
    bool IsSorted, long Ties, long Failed, long FailedWithoutSize, BusiestSpan? BusiestSecond,
    BusiestSpan? BusiestMinute, BusiestSpan? BusiestHour, double? IdealHitRate, IReadOnlyList<TraceClass> Classes)
{
    /// <summary>Reads a file to its end; throws <see cref="TraceException"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format; null to tell it by its first line.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file.</param>
    public static TraceInfo Read(
        string path, TraceFormat? format = null, int blockTokens = MooncakeRows.UsualBlockTokens)
    {
        TraceFormat known = format ?? TraceFormats.Detect(path);
        using ITraceRows trace = TraceFormats.Open(known, TraceFile.Named(path), blockTokens);
        SpanCounter second = new(1);
        SpanCounter minute = new(60);
        SpanCounter hour = new(3600);
        PrefixCounter prefixes = new(blockTokens);
        SortedDictionary<(string?, string?, string?), ClassCounter> classes = [];
        (long rows, long ties, bool isSorted) = (0, 0, true);
        (SimTime first, SimTime last, SimTime previous) = (SimTime.Max, new SimTime(long.MinValue), SimTime.Zero);
        while (trace.TryRead(out TraceRow row))
        {
            ties += rows > 0 && row.Recorded == previous ? 1 : 0;
            isSorted &= rows == 0 || row.Recorded >= previous;
            previous = row.Recorded;
            rows++;
            (first, last) = (SimTime.Min(first, previous), SimTime.Later(last, previous));
            second.Add(previous);
            minute.Add(previous);
            hour.Add(previous);
            prefixes.Add(row);
            (string?, string?, string?) key = (row.Names.Model, row.Names.LogType, row.Names.Tenant);
            if (!classes.TryGetValue(key, out ClassCounter? counter))
            {
                classes.Add(key, counter = new ClassCounter(row.Names));
            }

            counter.Add(row);
        }

        if (rows == 0)
        {
            throw TraceException.NoRow(path);
        }

        TraceClass[] found = [.. classes.Values.Select(c => c.ToClass())];
        return new TraceInfo(
            path, new FileInfo(path).Length, known, trace.Facts.HasFlag(TraceFacts.Session), rows, first.TotalSeconds,
            last.TotalSeconds, isSorted, ties, found.Sum(c => c.Failed), found.Sum(c => c.FailedWithoutSize),
            isSorted ? second.Busiest : null, isSorted ? minute.Busiest : null, isSorted ? hour.Busiest : null,
            trace.Facts.HasFlag(TraceFacts.HashIds) ? prefixes.HitRate : null, found);
    }

    /// <summary>Counts sorted rows in spans of equal length, aligned to the axis; keeps the first largest.</summary>
    private sealed class SpanCounter(long seconds)
    {
        private BusiestSpan _current;

        internal BusiestSpan Busiest { get; private set; }

        internal void Add(SimTime time)
        {
            long second = time.Ticks / SimTime.TicksPerSecond;
            long start = second - (second % seconds);
            _current = new BusiestSpan(start, start == _current.StartSecond ? _current.Rows + 1 : 1);
            if (_current.Rows > Busiest.Rows)
            {
                Busiest = _current;
            }
        }
    }

    /// <summary>Finds by hash ids, which stand for a block and all before it, what came before.</summary>
    private sealed class PrefixCounter(int blockTokens)
    {
        private readonly HashSet<long> _seen = [];
        private long _tokens;
        private long _hits;

        internal double? HitRate => _tokens == 0 ? null : (double)_hits / _tokens;

        internal void Add(in TraceRow row)
        {
            if (row.Failed || !row.HasHashIds)
            {
                return;
            }

            _tokens += row.PromptTokens;

            // A prompt's last token is always computed, and a block that is cut is not kept
            int whole = row.PromptTokens / blockTokens;
            long[] ids = [.. row.Beginning!.Take(whole).Select(block => block.Stream.Id)];
            _hits += ids.Take((row.PromptTokens - 1) / blockTokens).TakeWhile(_seen.Contains).LongCount() * blockTokens;
            _seen.UnionWith(ids);
        }
    }

    private sealed class ClassCounter(RowNames names)
    {
        private readonly TokenCounter _prompts = new();
        private readonly TokenCounter _outputs = new();
        private long _rows;
        private long _failed;
        private long _failedWithoutSize;

        internal void Add(in TraceRow row)
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

        internal TraceClass ToClass() => new(
            names.Model, names.LogType, names.Tenant, _rows, _failed, _failedWithoutSize, _prompts.Statistics(),
            _outputs.Statistics());
    }
}

/// <summary>The span of time with most rows; of equals the first.</summary>
/// <param name="StartSecond">Its start, in seconds on the trace's axis.</param>
/// <param name="Rows">Rows in it, failed ones included.</param>
public readonly record struct BusiestSpan(long StartSecond, long Rows);
