using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>What the host adds to each step; what is not given is the usual for the latency model.</summary>
/// <param name="MsPerStep">Host time of a step whatever it computes, in ms.</param>
/// <param name="UsPerSequence">Host time of each scheduled request, in µs.</param>
/// <param name="UsPerRequest">Host time of each request that the step admits, in µs.</param>
/// <param name="FrontendMs">How long a request is on its way to the engine's queue, in ms.</param>
/// <param name="BroadcastMs">Host time of a step more in a replica of several GPUs, in ms.</param>
/// <param name="BroadcastUsPerSequence">And of each scheduled request there, in µs.</param>
public sealed record HostSection(
    double? MsPerStep = null,
    double? UsPerSequence = null,
    double? UsPerRequest = null,
    double? FrontendMs = null,
    double? BroadcastMs = null,
    double? BroadcastUsPerSequence = null)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Over(new HostOverhead()).Problems();

    /// <summary>The overhead, with <paramref name="usual"/> for what is not given.</summary>
    internal HostOverhead Over(HostOverhead usual) => new(
        MsPerStep ?? usual.MsPerStep,
        UsPerSequence ?? usual.UsPerSequence,
        UsPerRequest ?? usual.UsPerRequest,
        FrontendMs ?? usual.FrontendMs,
        BroadcastMs ?? usual.BroadcastMs,
        BroadcastUsPerSequence ?? usual.BroadcastUsPerSequence);
}
