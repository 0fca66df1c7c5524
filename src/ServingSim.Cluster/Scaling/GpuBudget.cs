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
    internal GpuBudget(int? gpus, IReadOnlyList<Pool> pools)
    {
        (_gpus, _taken) = (gpus, pools.Sum(p => (long)p.InitialReplicas * p.GpusPerReplica));
        Check.That(!(_taken > gpus), $"pools begin with {_taken} GPUs of {gpus}");
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
