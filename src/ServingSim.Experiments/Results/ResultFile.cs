namespace ServingSim.Experiments.Results;

/// <summary>
/// A new file that is written where it is asked to be: a <see cref="FileStream"/> leaves writes of its async methods to
/// other threads, and a run has only its own.
/// </summary>
internal sealed class ResultFile(string path)
    : FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0)
{
    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }
}
