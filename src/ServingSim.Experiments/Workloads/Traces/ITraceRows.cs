namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The rows of a trace file, read one after the other.</summary>
internal interface ITraceRows : IDisposable
{
    /// <summary>The file, as the user named it.</summary>
    string File { get; }

    /// <summary>
    /// Reads the next row; false at the end of the file. A row that cannot be understood is a
    /// <see cref="TraceException"/>.
    /// </summary>
    bool TryRead(out TraceRow row);
}
