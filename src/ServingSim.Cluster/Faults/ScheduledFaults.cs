using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>schedule</c>.</summary>
/// <param name="At">When the fault strikes, in rising order.</param>
/// <param name="Lasts">How long each time, until what broke works again; without it for ever.</param>
public sealed record ScheduledFaultsOptions(IReadOnlyList<SimTime> At, SimTime? Lasts = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (At.Count == 0)
        {
            yield return (nameof(At), "found none, expected at least one time");
        }

        if (Lasts <= SimTime.Zero)
        {
            yield return (nameof(Lasts), "found 0, expected more");
        }
    }
}

/// <summary>Faults at given times, the same for every replica that they strike.</summary>
public sealed class ScheduledFaults(ScheduledFaultsOptions options) : IFaultPlan
{
    /// <inheritdoc/>
    public FaultTimes? Next(int replica, int failure, SimTime since) =>
        failure < options.At.Count ? new FaultTimes(options.At[failure], options.Lasts) : null;

    /// <inheritdoc/>
    public string? Overlap(SimTime notice)
    {
        for (int i = 1; i < options.At.Count; i++)
        {
            (SimTime before, SimTime at) = (options.At[i - 1], options.At[i]);
            if (options.Lasts is not { } lasts || at <= before + notice + lasts)
            {
                return $"the fault of {before} is not over at {at}";
            }
        }

        return null;
    }
}
