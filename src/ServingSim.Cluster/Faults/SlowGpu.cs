using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>slow-gpu</c>.</summary>
/// <param name="Factor">How many times as long the device takes for every step.</param>
public sealed record SlowGpuOptions(double Factor) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Factor is > 1 and <= 1000))
        {
            yield return (nameof(Factor), $"found {Factor}, expected a number above 1, at most 1000");
        }
    }
}

/// <summary>
/// A replica's device takes longer for every step that begins while it lasts (a throttled or ailing GPU); it answers
/// health checks. Where several last at once the slowest counts.
/// </summary>
public sealed class SlowGpu(SlowGpuOptions options) : IFault
{
    private readonly int _partsPerMillion = (int)Math.Round(options.Factor * ScaledLatency.Unscaled);

    /// <inheritdoc/>
    public void Begin(FaultStrike strike) => strike.SlowDown(_partsPerMillion);

    /// <inheritdoc/>
    public void End(FaultStrike strike) => strike.SpeedUp(_partsPerMillion);
}
