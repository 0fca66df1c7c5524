using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Describing;

/// <summary>The characterisation of a trace.</summary>
/// <param name="File">The file, as the user named it.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Rows">Data rows.</param>
/// <param name="FirstS">The first row's time, in seconds from the start of the axis' day 0.</param>
/// <param name="LastS">The last row's.</param>
/// <param name="ClockS">
/// The file's clock, in seconds, within which rows were spread; null where it is finer than a microsecond.
/// </param>
/// <param name="FirstDay">The weekday of day 0; null where the file does not tell.</param>
/// <param name="Services">
/// All rows, the rows of each log type that has several models, and each service, at most
/// <see cref="MostServices"/> of them.
/// </param>
/// <param name="SmallServices">How many services with fewer rows are only told of as part of others.</param>
public sealed record TraceDescription(
    string File, TraceFormat Format, int Rows, double FirstS, double LastS, double? ClockS, DayOfWeek? FirstDay,
    IReadOnlyList<ServiceDescription> Services, int SmallServices)
{
    /// <summary>Services that are told of one by one.</summary>
    public const int MostServices = 8;

    /// <summary>Reads a file to its end and describes it; throws <see cref="TraceException"/>.</summary>
    /// <param name="path">The file, its rows in order of time.</param>
    /// <param name="format">Its format; null to tell it by its first line.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file.</param>
    /// <param name="cancellation">Ends it.</param>
    public static TraceDescription Read(
        string path, TraceFormat? format, int blockTokens, CancellationToken cancellation) =>
        Of(TraceColumns.Read(path, format, blockTokens, cancellation), cancellation);

    /// <summary>The services one by one; all together where there is one only.</summary>
    public IReadOnlyList<ServiceDescription> Alone => [.. Services.Where(s => !s.IsTogether)];

    internal static TraceDescription Of(TraceColumns columns, CancellationToken cancellation)
    {
        ServiceRows all = columns.Select(TraceColumns.All, _ => true);
        List<ServiceDescription> services = [];
        List<(string Name, Func<TraceService, bool> Selects)> groups = Groups(columns);
        foreach ((string name, Func<TraceService, bool> selects) in groups)
        {
            cancellation.ThrowIfCancellationRequested();
            ServiceRows rows = services.Count == 0 ? all : columns.Select(name, selects);
            TraceService[] members = [.. columns.Services.Where(selects)];
            bool isTogether = groups.Count > 1 && members.Length > 1;
            services.Add(ServiceDescription.Of(rows, all, members, isTogether, columns.FirstDay));
        }

        return new TraceDescription(
            columns.File, columns.Format, all.Count, all.Times[0], all.Times[^1], columns.ClockS, columns.FirstDay,
            services, Math.Max(0, columns.Services.Count - MostServices));
    }

    /// <summary>All; log types with several services; services, if there are several.</summary>
    private static List<(string Name, Func<TraceService, bool> Selects)> Groups(TraceColumns columns)
    {
        List<(string, Func<TraceService, bool>)> groups = [(TraceColumns.All, _ => true)];
        if (columns.Services.Count < 2)
        {
            return groups;
        }

        IGrouping<string?, TraceService>[] types = [.. columns.Services.GroupBy(s => s.LogType)];
        if (types.Length > 1)
        {
            groups.AddRange(types.Where(t => t.Count() > 1 && t.Key is not null).Take(MostServices)
                .Select(t => (t.Key!, (Func<TraceService, bool>)(s => s.LogType == t.Key))));
        }

        groups.AddRange(columns.LargestServices(MostServices)
            .Select(s => (s.Name, (Func<TraceService, bool>)(other => other == s))));
        return groups;
    }
}
