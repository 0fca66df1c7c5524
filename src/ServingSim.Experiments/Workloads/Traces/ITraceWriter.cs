namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Writes a trace file, row by row in order of time. Disposing it closes the stream.</summary>
internal interface ITraceWriter : IDisposable
{
    /// <summary>Adds a row; the result is what of it the format cannot hold.</summary>
    TraceFacts Write(in TraceRow row);
}
