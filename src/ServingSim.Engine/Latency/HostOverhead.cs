using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What the host adds to the device's time: scheduling, launching, sampling and detokenising in every step, and the
/// front end before a request can join one. It belongs to a host and an engine's version, not to a GPU, so it is stated
/// apart from the latency model.
/// </summary>
/// <param name="MsPerStep">Host time of a step whatever it computes, in ms.</param>
/// <param name="UsPerSequence">Host time of each scheduled request, in µs: scheduling, sampling, detokenising (vLLM
/// 0.8.5 on the host of a 64 GB H100 about 10, of which the scheduler's own CPU time is 2; vLLM 0.11 behind its API
/// server on H100 and B200 about 45; vLLM of 2024 about 60).</param>
/// <param name="UsPerRequest">Host time of each request that the step admits, in µs: tokens to copy, blocks to
/// hash.</param>
/// <param name="FrontendMs">How long a request is on its way to the engine's queue, in ms: HTTP, tokenizer, the way
/// between processes. No step waits for it.</param>
/// <param name="BroadcastMs">What a step costs more in a replica of several GPUs, in ms: the driver tells the other
/// GPUs' processes what to compute (V0 pickles it, about 0.7).</param>
/// <param name="BroadcastUsPerSequence">And more for each scheduled request, in µs (V0 about 30).</param>
public sealed record HostOverhead(
    double MsPerStep = 0,
    double UsPerSequence = 0,
    double UsPerRequest = 0,
    double FrontendMs = 0,
    double BroadcastMs = 0,
    double BroadcastUsPerSequence = 0) : IValidated
{
    /// <summary>
    /// What latency models of the device alone are used with by default: what nine runs of Llama-3.1-8B with vLLM 0.8.5
    /// on a 64 GB H100 ask for, behind the data sheet's roofline, which are never scored as predictions with it:
    /// docs/calibration.md.
    /// </summary>
    public static HostOverhead Usual { get; } = new(MsPerStep: 1.5, UsPerSequence: 10);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessNotNegative(MsPerStep),
        Problem.UnlessNotNegative(UsPerSequence),
        Problem.UnlessNotNegative(UsPerRequest),
        Problem.UnlessNotNegative(FrontendMs),
        Problem.UnlessNotNegative(BroadcastMs),
        Problem.UnlessNotNegative(BroadcastUsPerSequence));

    /// <summary>The same for a replica of so many GPUs, with what it broadcasts in each step's own time.</summary>
    public HostOverhead For(int gpus) => this with
    {
        MsPerStep = MsPerStep + (gpus > 1 ? BroadcastMs : 0),
        UsPerSequence = UsPerSequence + (gpus > 1 ? BroadcastUsPerSequence : 0),
        BroadcastMs = 0,
        BroadcastUsPerSequence = 0,
    };
}
