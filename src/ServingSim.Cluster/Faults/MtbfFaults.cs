using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>mtbf</c>.</summary>
/// <param name="MeanTimeBetween">
/// How long a replica works on average until the fault strikes it (again). For hardware: 419 unexpected interruptions
/// of 16,384 H100s in 54 days ("The Llama 3 Herd of Models", 2024, §3.3.4) are one in 50,700 hours of a GPU.
/// </param>
/// <param name="MeanTimeToRepair">How long it lasts on average; without it for ever.</param>
public sealed record MtbfOptions(SimTime MeanTimeBetween, SimTime? MeanTimeToRepair = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MeanTimeBetween < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(MeanTimeBetween), $"found {MeanTimeBetween}, expected at least 1ms");
        }

        if (MeanTimeToRepair < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(MeanTimeToRepair), $"found {MeanTimeToRepair}, expected at least 1ms");
        }
    }
}

/// <summary>
/// Faults of each replica by itself, the times between them and until they are repaired exponential; drawn for
/// (replica, failure), so that no other draw moves them.
/// </summary>
public sealed class MtbfFaults(MtbfOptions options, FaultPlanContext context) : IFaultPlan
{
    private readonly RandomStream _times = context.Random.Stream("faults " + context.Name);

    /// <inheritdoc/>
    public FaultTimes? Next(int replica, int failure, SimTime since)
    {
        Draws draws = _times.At(replica, failure);
        SimTime at = since + Exponential(options.MeanTimeBetween, ref draws);
        return new FaultTimes(
            at, options.MeanTimeToRepair is { } mean ? Exponential(mean, ref draws) : null);
    }

    private static SimTime Exponential(SimTime mean, ref Draws draws) =>
        SimTime.Later(SimTime.FromSeconds(mean.TotalSeconds * draws.NextExponential()), SimTime.OneTick);
}

/// <summary>What a fault plan is made with.</summary>
/// <param name="Random">Chance, for plans that need it.</param>
/// <param name="Name">Tells its chance from that of the other plans of the cluster.</param>
public sealed record FaultPlanContext(RandomStreams Random, string Name);
