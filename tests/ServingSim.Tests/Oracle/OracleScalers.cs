namespace ServingSim.Tests.Oracle;

/// <summary>The scalers of all pools, and the GPUs that they share.</summary>
/// <param name="scalers">Those of the pools, in order; none where nothing scales.</param>
/// <param name="gpus">GPUs that all have together; null: as many as they want.</param>
/// <param name="serve">An engine begins to serve.</param>
internal sealed class OracleScalers(IReadOnlyList<OracleScaler> scalers, int? gpus, Action<int> serve)
{
    private int? _free = gpus - scalers.Sum(s => s.Scaling.Initial);
    private bool _isRoom;

    public IEnumerable<long> Times(long now) => scalers.SelectMany(s => s.Times(now));

    public void Pass(long ticks)
    {
        foreach (OracleScaler scaler in scalers)
        {
            scaler.Pass(ticks);
        }
    }

    /// <summary>Whether requests may be sent to an engine of a pool.</summary>
    public bool IsReady(int pool, int engine) => scalers.Count == 0 || scalers[pool].IsReady(engine);

    /// <summary>Whether there is no such engine now.</summary>
    public bool IsStopped(int engine) => scalers.Any(s => s.IsStopped(engine));

    /// <summary>What each pool's engines that are not stopped cost so far, in ticks.</summary>
    public IEnumerable<long> Paid() => scalers.Select(s => s.Paid);

    /// <summary>Pool by pool: those that begin to serve, those that are drained, and what is decided then.</summary>
    public void Act(long now)
    {
        foreach (OracleScaler scaler in scalers)
        {
            foreach (int engine in scaler.BeginServing(now))
            {
                serve(engine);
            }

            Return(scaler.StopDrained());
            if (scaler.LooksAt(now))
            {
                scaler.Look(now, Take, () => Return(1));
            }
        }

        StartWanted(now);
    }

    /// <summary>Those that were drained since.</summary>
    public void StopDrained(long now)
    {
        foreach (OracleScaler scaler in scalers)
        {
            Return(scaler.StopDrained());
        }

        StartWanted(now);
    }

    private void StartWanted(long now)
    {
        if (_isRoom && _free is not null)
        {
            foreach (OracleScaler scaler in scalers)
            {
                scaler.Start(now, Take);
            }
        }

        _isRoom = false;
    }

    private bool Take()
    {
        if (_free == 0)
        {
            return false;
        }

        _free--;
        return true;
    }

    private void Return(int count)
    {
        _free += count;
        _isRoom |= count > 0;
    }
}
