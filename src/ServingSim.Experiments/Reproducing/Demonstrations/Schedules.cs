using ServingSim.Cluster.Scaling;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Numbers of replicas by the clock.</summary>
internal static class Schedules
{
    private static readonly PartKind<IAutoscaler, NoContext> Kind = new PartKind<IAutoscaler, NoContext>("autoscaler")
        .Add<ScheduledReplicasOptions>("schedule", "so many at such a time", (o, _) => new ScheduledReplicas(o));

    /// <summary>So many replicas in each of equal windows, one after the other.</summary>
    /// <param name="counts">How many in each window.</param>
    /// <param name="windowS">The length of a window, in seconds.</param>
    /// <param name="lookEveryS">
    /// How often the scaler looks: a replica that found no free GPU is started when it looks next.
    /// </param>
    internal static PartChoice<IAutoscaler, NoContext> Of(IReadOnlyList<int> counts, double windowS, double lookEveryS)
    {
        int looks = (int)(windowS / lookEveryS);
        return Kind.Choose("schedule", new ScheduledReplicasOptions(
        [
            .. counts.SelectMany((count, window) => Enumerable.Range(0, looks).Select(look =>
                new ScheduledCount(SimTime.FromSeconds((window * windowS) + (look * lookEveryS)), count))),
        ]));
    }
}
