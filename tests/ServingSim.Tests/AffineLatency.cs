using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Tests;

/// <summary>
/// Steps whose times can be told by hand: ticks per step, prefill token, decode, context token (those that decodes
/// attend to, and those before a prefill's chunk) and sampled token. Context tokens beyond the knee count double. The
/// host adds ticks per step and per scheduled request.
/// </summary>
internal sealed record AffineLatency(
    long Step,
    long PrefillToken = 0,
    long Decode = 0,
    long ContextToken = 0,
    long SampledToken = 0,
    long ContextKnee = long.MaxValue,
    long HostStep = 0,
    long HostSequence = 0)
    : ILatencyModel
{
    public StepTime TimeOf(in StepShape shape)
    {
        long contextTokens = shape.DecodeContextTokens;
        foreach (PrefillChunk chunk in shape.Prefills)
        {
            contextTokens += chunk.ContextBefore;
        }

        return new StepTime(
            new SimTime(HostTicks(shape.Prefills.Length + shape.Decodes)),
            new SimTime(Ticks(shape.PrefillTokens, shape.Decodes, contextTokens, shape.SampledTokens)));
    }

    public DecodeLine? DecodeLine(int decodes, long contextTokens)
    {
        StepTime time = new(new SimTime(HostTicks(decodes)), new SimTime(Ticks(0, decodes, contextTokens, decodes)));
        return contextTokens < ContextKnee
            ? new DecodeLine(time, ContextToken, ContextKnee)
            : new DecodeLine(time, 2 * ContextToken);
    }

    public long HostTicks(int sequences) => HostStep + (HostSequence * sequences);

    /// <summary>On the device.</summary>
    public long Ticks(int prefillTokens, int decodes, long contextTokens, int sampledTokens) => Math.Max(
        1,
        Step
            + (PrefillToken * prefillTokens)
            + (Decode * decodes)
            + (ContextToken * contextTokens)
            + (ContextToken * Math.Max(0, contextTokens - ContextKnee))
            + (SampledToken * sampledTokens));
}
