using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Tests;

/// <summary>Steps whose times can be told by hand: ticks per step, prefill token, decode and context token.</summary>
internal sealed record AffineLatency(long Step, long PrefillToken = 0, long Decode = 0, long ContextToken = 0)
    : ILatencyModel
{
    public StepTime TimeOf(in StepShape shape) => new(SimTime.Zero, new SimTime(
        Ticks(shape.PrefillTokens, shape.Decodes, shape.DecodeContextTokens)));

    public long Ticks(int prefillTokens, int decodes, long contextTokens) => Math.Max(
        1, Step + (PrefillToken * prefillTokens) + (Decode * decodes) + (ContextToken * contextTokens));
}
