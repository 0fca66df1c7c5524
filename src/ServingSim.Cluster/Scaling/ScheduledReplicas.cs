using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>Options of the autoscaler <c>schedule</c>.</summary>
/// <param name="Counts">How many replicas from when on, in the order of time.</param>
/// <param name="Repeat">After how long it begins again, as 24h; null: it does not.</param>
public sealed record ScheduledReplicasOptions(IReadOnlyList<ScheduledCount> Counts, SimTime? Repeat = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Counts.Count == 0)
        {
            yield return (nameof(Counts), "found none, expected at least one");
        }

        for (int i = 0; i < Counts.Count; i++)
        {
            (SimTime at, int replicas) = Counts[i];
            if (replicas < 1)
            {
                yield return (nameof(Counts), $"found {replicas} replicas at {at}, expected at least 1");
            }

            if (at < SimTime.Zero || (i > 0 && at <= Counts[i - 1].At))
            {
                yield return (nameof(Counts), $"found {at}, expected times from 0s on, each later than the one before");
            }
        }

        if (Repeat is { } repeat && (repeat <= SimTime.Zero || (Counts.Count > 0 && Counts[^1].At >= repeat)))
        {
            yield return (nameof(Repeat), $"found {repeat}, expected more than the last of the times");
        }
    }
}

/// <summary>A number of replicas from a time on.</summary>
/// <param name="At">The time.</param>
/// <param name="Replicas">The number.</param>
public sealed record ScheduledCount(SimTime At, int Replicas);

/// <summary>
/// So many replicas at such a time, whatever the load: the decision falls at that time, and a new replica serves when
/// its cold start is over.
/// </summary>
public sealed class ScheduledReplicas(ScheduledReplicasOptions options) : IAutoscaler
{
    /// <inheritdoc/>
    public SimTime? NextLook(SimTime after)
    {
        long round = options.Repeat is { } repeat && after > SimTime.Zero ? after.Ticks / repeat.Ticks : 0;
        SimTime start = new(round * (options.Repeat?.Ticks ?? 0));
        foreach (ScheduledCount count in options.Counts)
        {
            if (start + count.At > after)
            {
                return start + count.At;
            }
        }

        return options.Repeat is { } again ? start + again + options.Counts[0].At : null;
    }

    /// <inheritdoc/>
    public int? Wanted(PoolLoad load)
    {
        SimTime time = options.Repeat is { } repeat ? new SimTime(load.Now.Ticks % repeat.Ticks) : load.Now;
        return options.Counts.LastOrDefault(c => c.At <= time, options.Counts[^1]).Replicas;
    }
}
