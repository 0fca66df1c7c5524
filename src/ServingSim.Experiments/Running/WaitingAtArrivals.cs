using ServingSim.Cluster;

namespace ServingSim.Experiments.Running;

/// <summary>
/// How many requests wait in the whole cluster when another arrives: at every arrival that counts, and of many at every
/// second, fourth, ... of them, so that memory does not grow with the run.
/// </summary>
internal sealed class WaitingAtArrivals(ServingCluster cluster)
{
    private const int MostSamples = 4096;
    private readonly List<int> _samples = [];
    private long _arrivals;
    private long _every = 1;

    /// <summary>What was sampled so far, in order.</summary>
    internal IReadOnlyList<int> Samples => _samples;

    /// <summary>Hears of an arrival, before the cluster does.</summary>
    internal void OnArrival()
    {
        if (_samples.Count == MostSamples)
        {
            for (int i = 0; i < MostSamples / 2; i++)
            {
                _samples[i] = _samples[2 * i];
            }

            _samples.RemoveRange(MostSamples / 2, MostSamples / 2);
            _every *= 2;
        }

        if (_arrivals++ % _every == 0)
        {
            _samples.Add(cluster.Replicas.Sum(r => r.State.Waiting.Count));
        }
    }
}
