namespace ServingSim.Tests.Oracle;

/// <summary>
/// The steps of an engine that have not been processed: one, or with asynchronous scheduling two, of which the host
/// decides one while the device computes the other (as <see cref="OracleAsyncLoop"/> has it), or one in each stage of a
/// pipeline (as <see cref="OraclePipelineLoop"/> has it).
/// </summary>
internal sealed class OracleStepsInFlight(OracleConfig config)
{
    private readonly Queue<OracleStep> _steps = new();
    private readonly OraclePipelineClock _pipeline = new(config.Stages);
    private long _hostFree;
    private long _deviceFree;

    /// <summary>Whether a pipeline is not filled before its oldest step is processed.</summary>
    private bool _waitsForOldest;

    /// <summary>When the oldest is processed; null where there is none.</summary>
    public long? End => _steps.TryPeek(out OracleStep? oldest) ? Math.Max(oldest.DeviceEnd, HostFree) : null;

    /// <summary>From when on another can be decided; null where there is no place for it.</summary>
    public long? Next => _steps.Count < Places && !(_waitsForOldest && _steps.Count > 0) ? HostFree : null;

    /// <summary>Whether a decision is made even if the engine has nothing to do by then.</summary>
    public bool IsToBeFilled => config.Stages.Count > 0 && _steps.Count > 0 && Next is not null;

    private int Places => config.Stages.Count > 0 ? config.Stages.Count : config.AsyncScheduling ? 2 : 1;

    private long HostFree => config.Stages.Count > 0 ? _pipeline.HostFree : _hostFree;

    /// <summary>A step is decided; null where there is nothing to compute.</summary>
    public void Add(OracleStep? step, long now)
    {
        _waitsForOldest = config.Stages.Count > 0 && step is null;
        if (step is null)
        {
            return;
        }

        _steps.Enqueue(step);
        if (config.Stages.Count > 0)
        {
            _pipeline.Pass(step, now);
            return;
        }

        if (!config.AsyncScheduling)
        {
            step.DeviceEnd = step.End;
            return;
        }

        _hostFree = now + step.Host;
        _deviceFree = Math.Max(_hostFree, _deviceFree) + Math.Max(1, step.Duration - step.Host);
        step.DeviceEnd = _deviceFree;
    }

    /// <summary>The oldest is processed.</summary>
    public void Remove()
    {
        _steps.Dequeue();
        _waitsForOldest = false;
    }

    /// <summary>Whatever is in flight comes to nothing.</summary>
    public void Clear(long now)
    {
        _steps.Clear();
        (_hostFree, _deviceFree) = (now, now);
        _pipeline.StopAt(now);
    }
}
