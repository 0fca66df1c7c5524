namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The rows of a trace file, read one after the other.</summary>
internal interface ITraceRows : IDisposable
{
    /// <summary>The file, as the user named it.</summary>
    string File { get; }

    /// <summary>What rows may tell beside their time and lengths.</summary>
    TraceFacts Facts { get; }

    /// <summary>Columns or keys of the file, as far as it is read, that no row tells of.</summary>
    IReadOnlyCollection<string> Unread { get; }

    /// <summary>
    /// Reads the next row; false at the end of the file. A row that cannot be understood is a
    /// <see cref="TraceException"/>.
    /// </summary>
    bool TryRead(out TraceRow row);
}
