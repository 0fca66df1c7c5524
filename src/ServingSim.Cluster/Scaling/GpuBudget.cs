using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>GPUs that all pools of a cluster share.</summary>
internal sealed class GpuBudget
{
    private readonly int? _gpus;
    private long _taken;

    /// <summary>A budget of which pools have taken what they begin with.</summary>
    /// <param name="gpus">How many there are; null for as many as anybody wants.</param>
    /// <param name="pools">The pools.</param>
    private GpuBudget(int? gpus, IReadOnlyList<Pool> pools)
    {
        (_gpus, _taken) = (gpus, pools.Sum(p => (long)p.InitialReplicas * p.GpusPerReplica));
        Check.That(!(_taken > gpus), $"pools begin with {_taken} GPUs of {gpus}");
    }

    /// <summary>Lets pools scale within a budget that they share.</summary>
    internal static void Share(Simulation simulation, int? gpus, List<Pool> pools)
    {
        GpuBudget budget = new(gpus, pools);
        pools.ForEach(pool => pool.Scale(simulation, budget));
    }

    internal bool TryTake(int count)
    {
        if (_taken + count > _gpus)
        {
            return false;
        }

        _taken += count;
        return true;
    }

    internal void GiveBack(int count) => _taken -= count;
}
