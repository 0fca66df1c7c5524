using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>What the host adds to each step; what is not given is the usual for the latency model.</summary>
/// <param name="MsPerStep">Host time of a step whatever it computes, in ms.</param>
/// <param name="UsPerSequence">Host time of each scheduled request, in µs.</param>
/// <param name="UsPerRequest">Host time of each request that the step admits, in µs.</param>
/// <param name="FrontendMs">Time from a request's arrival to its replica's queue, in ms, outside of any step.</param>
public sealed record HostSection(
    double? MsPerStep = null,
    double? UsPerSequence = null,
    double? UsPerRequest = null,
    double? FrontendMs = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string? parameter, string problem) in Over(new HostOverhead()).Problems())
        {
            yield return (parameter, problem);
        }

        if (FrontendMs is < 0 or double.NaN or double.PositiveInfinity)
        {
            yield return (nameof(FrontendMs), $"found {FrontendMs}, expected 0 or more");
        }
    }

    /// <summary>The overhead, with <paramref name="usual"/> for what is not given.</summary>
    internal HostOverhead Over(HostOverhead usual) => new(
        MsPerStep ?? usual.MsPerStep, UsPerSequence ?? usual.UsPerSequence, UsPerRequest ?? usual.UsPerRequest);
}
