using System.Runtime.InteropServices;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Describing;

/// <summary>
/// The rows of a trace as columns, in order of time. Where the file's clock is coarse, each row gets an instant within
/// its second (or millisecond, or microsecond): uniform draws, sorted, in the order of the file. Within seconds they
/// are the draws of a replay with seed 1.
/// </summary>
internal sealed class TraceColumns
{
    /// <summary>What all rows together are called.</summary>
    internal const string All = "all";

    private const int MostServices = ushort.MaxValue;

    /// <summary>Clocks that are told, in ticks: of a second, a millisecond, a microsecond.</summary>
    private static readonly long[] Clocks =
        [SimTime.TicksPerSecond, SimTime.TicksPerSecond / 1000, SimTime.TicksPerSecond / 1_000_000];

    private const int RowsBetweenLooks = 1 << 16;

    private readonly List<double> _times = [];
    private readonly List<int> _prompts = [];
    private readonly List<int> _outputs = [];
    private readonly List<ushort> _services = [];
    private readonly List<int> _sessions = [];
    private readonly List<TraceService> _serviceList = [];
    private readonly Dictionary<RowNames, ushort> _serviceIds = [];
    private readonly Dictionary<string, int> _sessionIds = new(StringComparer.Ordinal);

    private int _clock;

    private TraceColumns(string file, TraceFormat format) => (File, Format) = (file, format);

    /// <summary>The file, as the user named it.</summary>
    internal string File { get; }

    /// <summary>How it is written.</summary>
    internal TraceFormat Format { get; }

    /// <summary>
    /// The coarsest of a second, a millisecond and a microsecond that all times are whole numbers of, in seconds, and
    /// within which they were spread; null where the clock is finer.
    /// </summary>
    internal double? ClockS => _clock < Clocks.Length ? (double)Clocks[_clock] / SimTime.TicksPerSecond : null;

    /// <summary>Whether rows may carry a session.</summary>
    internal bool HasSessions { get; private set; }

    /// <summary>The weekday of the axis' day 0; null where the file does not tell.</summary>
    internal DayOfWeek? FirstDay { get; private set; }

    /// <summary>How many seconds after the start of its day 0 the axis begins.</summary>
    internal double StartOfAxisS { get; private set; }

    /// <summary>Every service, in order of the names.</summary>
    internal IReadOnlyList<TraceService> Services { get; private set; } = [];

    /// <summary>How many rows there are.</summary>
    internal int Count => _times.Count;

    /// <summary>
    /// Reads a file to its end; throws <see cref="TraceException"/>, also where rows are not in order of time.
    /// </summary>
    internal static TraceColumns Read(
        string path, TraceFormat? format, int blockTokens, CancellationToken cancellation)
    {
        TraceFormat known = format ?? TraceFormats.Detect(path);
        using ITraceRows rows = TraceFormats.Open(known, TraceFile.Named(path), blockTokens);
        TraceColumns columns = new(path, known) { HasSessions = rows.Facts.HasFlag(TraceFacts.Session) };
        SimTime last = SimTime.Zero;
        while (rows.TryRead(out TraceRow row))
        {
            TraceWorkload.CheckOrder(path, row, columns.Count == 0 ? row.Recorded : last);
            last = row.Recorded;
            columns.Add(row);
            if (columns.Count % RowsBetweenLooks == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        if (columns.Count == 0)
        {
            throw TraceException.NoRow(path);
        }

        columns.FindDays((rows as AzureRows)?.First);
        columns.SortServices();
        if (columns.ClockS is { } clock)
        {
            columns.Spread(clock);
        }

        columns.MoveToDay();
        return columns;
    }

    /// <summary>The rows of services that a test selects; of all, the columns themselves.</summary>
    internal ServiceRows Select(string name, Func<TraceService, bool> selects)
    {
        bool[] isIn = [.. Services.Select(selects)];
        int count = 0;
        foreach (ushort service in _services)
        {
            count += isIn[service] ? 1 : 0;
        }

        double[] times = new double[count];
        int[] prompts = new int[count];
        int[] outputs = new int[count];
        int[] sessions = new int[HasSessions ? count : 0];
        int at = 0;
        for (int row = 0; row < Count; row++)
        {
            if (isIn[_services[row]])
            {
                (times[at], prompts[at], outputs[at]) = (_times[row], _prompts[row], _outputs[row]);
                if (HasSessions)
                {
                    sessions[at] = _sessions[row];
                }

                at++;
            }
        }

        return new ServiceRows(name, times, prompts, outputs, sessions);
    }

    /// <summary>The times of the first and the last row from one instant up to another; null where none is.</summary>
    internal (double First, double Last)? Span(double from, double to)
    {
        (int first, int past) = (LowerBound(from), LowerBound(to));
        return first < past ? (_times[first], _times[past - 1]) : null;
    }

    /// <summary>The rows from one instant up to another; of all, the columns themselves.</summary>
    internal TraceColumns Between(double from, double to)
    {
        (int first, int past) = (LowerBound(from), LowerBound(to));
        if (first == 0 && past == Count)
        {
            return this;
        }

        TraceColumns cut = new(File, Format)
        {
            HasSessions = HasSessions,
            FirstDay = FirstDay,
            StartOfAxisS = StartOfAxisS,
            Services = Services,
        };
        cut._clock = _clock;
        cut._times.AddRange(CollectionsMarshal.AsSpan(_times)[first..past]);
        cut._prompts.AddRange(CollectionsMarshal.AsSpan(_prompts)[first..past]);
        cut._outputs.AddRange(CollectionsMarshal.AsSpan(_outputs)[first..past]);
        cut._services.AddRange(CollectionsMarshal.AsSpan(_services)[first..past]);
        cut._sessions.AddRange(HasSessions ? CollectionsMarshal.AsSpan(_sessions)[first..past] : []);
        cut.DropServices();
        return cut;
    }

    /// <summary>The services with most rows, in order of their names.</summary>
    internal IEnumerable<TraceService> LargestServices(int most)
    {
        long[] rows = new long[Services.Count];
        foreach (ushort service in _services)
        {
            rows[service]++;
        }

        return Enumerable.Range(0, rows.Length).OrderByDescending(i => rows[i]).ThenBy(i => i).Take(most).Order()
            .Select(i => Services[i]);
    }

    private void Add(in TraceRow row)
    {
        while (_clock < Clocks.Length && row.Recorded.Ticks % Clocks[_clock] != 0)
        {
            _clock++;
        }

        _times.Add(row.Recorded.TotalSeconds);
        _prompts.Add(row.PromptTokens);
        _outputs.Add(row.OutputTokens);
        RowNames names = row.Names with { Session = null };
        if (!_serviceIds.TryGetValue(names, out ushort service))
        {
            service = (ushort)_serviceList.Count;
            if (service == MostServices)
            {
                throw new TraceException(
                    File, row.Line, $"found a model, log type and tenant beyond {MostServices} others");
            }

            _serviceIds.Add(names, service);
            _serviceList.Add(new TraceService(names.Model, names.LogType, names.Tenant));
        }

        _services.Add(service);
        if (HasSessions)
        {
            _sessions.Add(SessionOf(row.Names.Session));
        }
    }

    /// <summary>A number for a session, from 1; 0 for a row without.</summary>
    private int SessionOf(string? name)
    {
        if (name is null)
        {
            return 0;
        }

        if (!_sessionIds.TryGetValue(name, out int id))
        {
            _sessionIds.Add(name, id = _sessionIds.Count + 1);
        }

        return id;
    }

    /// <summary>
    /// BurstGPT's day 0 fits a Wednesday: 1 November 2023 by the weekly pattern of its authors' heat map. Azure's rows
    /// are dated.
    /// </summary>
    private void FindDays(DateTimeOffset? first)
    {
        FirstDay = Format == TraceFormat.BurstGpt ? DayOfWeek.Wednesday : first?.UtcDateTime.DayOfWeek;
        StartOfAxisS = first?.UtcDateTime.TimeOfDay.TotalSeconds ?? 0;
    }

    private void MoveToDay()
    {
        for (int i = 0; StartOfAxisS > 0 && i < Count; i++)
        {
            _times[i] += StartOfAxisS;
        }
    }

    private void SortServices()
    {
        int[] order =
        [
            .. Enumerable.Range(0, _serviceList.Count).OrderBy(i => _serviceList[i].LogType, StringComparer.Ordinal)
                .ThenBy(i => _serviceList[i].Model, StringComparer.Ordinal)
                .ThenBy(i => _serviceList[i].Tenant, StringComparer.Ordinal),
        ];
        Services = [.. order.Select(i => _serviceList[i])];
        ushort[] newId = new ushort[order.Length];
        foreach ((int place, int id) in order.Index())
        {
            newId[id] = (ushort)place;
        }

        for (int row = 0; row < Count; row++)
        {
            _services[row] = newId[_services[row]];
        }
    }

    /// <summary>Leaves out the services that no row is of.</summary>
    private void DropServices()
    {
        bool[] isIn = new bool[Services.Count];
        foreach (ushort service in _services)
        {
            isIn[service] = true;
        }

        int[] newId = new int[isIn.Length];
        for (int id = 1; id < isIn.Length; id++)
        {
            newId[id] = newId[id - 1] + (isIn[id - 1] ? 1 : 0);
        }

        Services = [.. Services.Where((_, id) => isIn[id])];
        foreach (ref ushort service in CollectionsMarshal.AsSpan(_services))
        {
            service = (ushort)newId[service];
        }
    }

    private int LowerBound(double time)
    {
        (int low, int high) = (0, Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _times[middle] < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Spread(double clock)
    {
        RandomStream ties = new RandomStreams(1).Stream(TiedRows.Stream);
        List<double> offsets = [];
        for (int from = 0; from < Count; from += offsets.Count)
        {
            double time = _times[from];
            long tick = (long)Math.Round(time / clock);
            offsets.Clear();
            while (from + offsets.Count < Count && _times[from + offsets.Count] == time)
            {
                Draws draws = ties.At(tick, offsets.Count);
                offsets.Add(draws.NextUnit());
            }

            offsets.Sort();
            foreach ((int i, double offset) in offsets.Index())
            {
                _times[from + i] = time + (offset * clock);
            }
        }
    }
}
