namespace ServingSim.Tests.Oracle;

/// <summary>
/// The steps of an engine that have not been processed: one, or with asynchronous scheduling two, of which the host
/// decides one while the device computes the other (as <see cref="OracleAsyncLoop"/> has it).
/// </summary>
internal sealed class OracleStepsInFlight(bool isAsync)
{
    private readonly Queue<OracleStep> _steps = new();
    private long _hostFree;
    private long _deviceFree;

    /// <summary>When the oldest is processed; null where there is none.</summary>
    public long? End => _steps.TryPeek(out OracleStep? oldest) ? Math.Max(oldest.DeviceEnd, _hostFree) : null;

    /// <summary>From when on another can be decided; null where there is no place for it.</summary>
    public long? Next => _steps.Count < (isAsync ? 2 : 1) ? _hostFree : null;

    /// <summary>A step is decided.</summary>
    public void Add(OracleStep step, long now)
    {
        _steps.Enqueue(step);
        if (!isAsync)
        {
            step.DeviceEnd = step.End;
            return;
        }

        _hostFree = now + step.Host;
        _deviceFree = Math.Max(_hostFree, _deviceFree) + Math.Max(1, step.Duration - step.Host);
        step.DeviceEnd = _deviceFree;
    }

    /// <summary>The oldest has been processed.</summary>
    public void Remove() => _steps.Dequeue();

    /// <summary>Whatever is in flight comes to nothing.</summary>
    public void Clear(long now)
    {
        _steps.Clear();
        (_hostFree, _deviceFree) = (now, now);
    }
}
