using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>GPUs that all pools of a cluster share.</summary>
internal sealed class GpuBudget
{
    private readonly int? _gpus;
    private readonly List<PoolScaler> _scalers = [];
    private readonly SimEvent? _room;
    private readonly Simulation _simulation;
    private long _taken;

    /// <summary>A budget of which pools have taken what they begin with.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="gpus">How many there are; null for as many as anybody wants.</param>
    /// <param name="pools">The pools.</param>
    private GpuBudget(Simulation simulation, int? gpus, IReadOnlyList<Pool> pools)
    {
        (_simulation, _gpus) = (simulation, gpus);
        _taken = pools.Sum(p => (long)p.InitialReplicas * p.GpusPerReplica);
        Check.That(!(_taken > gpus), $"pools begin with {_taken} GPUs of {gpus}");
        foreach (Pool pool in pools)
        {
            if (pool.Scale(simulation, this) is { } scaler)
            {
                _scalers.Add(scaler);
            }
        }

        _room = gpus is null ? null : new SimEvent(simulation.AddSource("GPU budget"), Phase.Control, OnRoom);
    }

    /// <summary>Lets pools scale within a budget that they share.</summary>
    internal static void Share(Simulation simulation, int? gpus, List<Pool> pools) =>
        _ = new GpuBudget(simulation, gpus, pools);

    internal bool TryTake(int count)
    {
        if (_taken + count > _gpus)
        {
            return false;
        }

        _taken += count;
        return true;
    }

    /// <summary>
    /// GPUs are free: replicas that were wanted and found none are started now, the first pool's first.
    /// </summary>
    internal void GiveBack(int count)
    {
        _taken -= count;
        if (_room is not null)
        {
            _simulation.Schedule(_room, _simulation.Now);
        }
    }

    private void OnRoom() => _scalers.ForEach(scaler => scaler.StartWanted());
}
