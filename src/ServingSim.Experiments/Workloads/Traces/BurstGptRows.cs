using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The rows of a BurstGPT file as they stand there, with their sessions.</summary>
internal sealed class BurstGptRows(FilePath path) : ITraceRows
{
    private readonly BurstGptTrace _trace = BurstGptTrace.Open(path);

    /// <inheritdoc/>
    public string File => _trace.File;

    /// <inheritdoc/>
    public TraceFacts Facts => _trace.Facts;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Unread => _trace.Unread;

    /// <inheritdoc/>
    public bool TryRead(out TraceRow row)
    {
        if (!_trace.TryRead(out BurstGptRow read))
        {
            row = default;
            return false;
        }

        row = new TraceRow(read.Line, read.Recorded, read.PromptTokens, read.OutputTokens)
        {
            Names = new RowNames(read.Model, read.LogType, _trace.Session),
            ElapsedTime = _trace.ElapsedTime,
        };
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _trace.Dispose();
}
