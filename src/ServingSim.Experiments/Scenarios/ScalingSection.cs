using ServingSim.Cluster.Scaling;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>How a pool's number of replicas changes.</summary>
/// <param name="Autoscaler">What says how many there should be.</param>
/// <param name="ColdStart">How long a new replica takes until it serves.</param>
/// <param name="MaxReplicas">At most so many.</param>
/// <param name="MinReplicas">At least so many.</param>
public sealed record ScalingSection(
    PartChoice<IAutoscaler, NoContext> Autoscaler, ColdStartSection ColdStart, int MaxReplicas, int MinReplicas = 1)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MinReplicas < 1)
        {
            yield return (nameof(MinReplicas), $"found {MinReplicas}, expected at least 1");
        }

        if (MaxReplicas < MinReplicas || MaxReplicas > ClusterSection.MostReplicas)
        {
            yield return (
                nameof(MaxReplicas),
                $"found {MaxReplicas}, expected min_replicas ({MinReplicas}) to {ClusterSection.MostReplicas}");
        }

        IReadOnlyList<ScheduledCount> counts = (Autoscaler.Options as ScheduledReplicasOptions)?.Counts ?? [];
        for (int i = 0; i < counts.Count; i++)
        {
            if (counts[i].Replicas > MaxReplicas)
            {
                yield return (
                    $"autoscaler.counts.{i}.replicas",
                    $"found {counts[i].Replicas}, expected at most max_replicas ({MaxReplicas})");
            }
        }
    }
}

/// <summary>
/// What a new replica's start is made of, one after the other. It depends on the cloud and the engine, so nothing is
/// assumed.
/// </summary>
/// <param name="Provision">Until there is a machine with free GPUs.</param>
/// <param name="Image">Until the container runs.</param>
/// <param name="WeightsGbPerS">
/// Bandwidth at which the replica's weights, of all its GPUs together, are loaded, in 10^9 bytes a second.
/// </param>
/// <param name="Capture">Compilation and graph capture.</param>
/// <param name="Warmup">Until the first request may come.</param>
public sealed record ColdStartSection(
    SimTime Provision, SimTime Image, double WeightsGbPerS, SimTime Capture, SimTime Warmup) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string Name, SimTime Time)[] times =
        [
            (nameof(Provision), Provision),
            (nameof(Image), Image),
            (nameof(Capture), Capture),
            (nameof(Warmup), Warmup),
        ];
        foreach ((string name, SimTime time) in times.Where(t => t.Time < SimTime.Zero))
        {
            yield return (name, $"found {time}, expected at least 0s");
        }

        if (!(WeightsGbPerS > 0 && double.IsFinite(WeightsGbPerS)))
        {
            yield return (nameof(WeightsGbPerS), $"found {WeightsGbPerS}, expected more than 0");
        }
    }

    /// <summary>The whole start of a replica of a model.</summary>
    public SimTime Total(ModelSpec model, Parallelism parallelism)
    {
        double bytes = (double)new ModelShard(model, parallelism).WeightBytes * parallelism.Tp;
        return Provision + Image + SimTime.FromSecondsRoundedUp(bytes / (WeightsGbPerS * 1e9)) + Capture + Warmup;
    }
}
