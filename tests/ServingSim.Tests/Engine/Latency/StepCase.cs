using CsCheck;
using ServingSim.Engine.Latency;

namespace ServingSim.Tests.Engine.Latency;

/// <summary>A step's shape that can be kept, changed by <c>with</c> and drawn at random.</summary>
internal sealed record StepCase(int Decodes = 0, long Context = 0, int Sampled = 0, params PrefillChunk[] Prefills)
{
    private static readonly Gen<PrefillChunk> RandomChunk = Gen.Select(
        Gen.Int[1, 4000], Gen.Int[0, 20000], (tokens, before) => new PrefillChunk(tokens, before));

    internal static readonly Gen<StepCase> Random = Gen.Select(
        Gen.Int[0, 600],
        Gen.Int[1, 5000],
        RandomChunk.Array[0, 4],
        Gen.Bool,
        (decodes, context, prefills, sampling) => new StepCase(
            decodes, (long)decodes * context, decodes + (sampling ? prefills.Length : 0), prefills));

    /// <summary>The same step with one count larger, for each count.</summary>
    internal IEnumerable<StepCase> Larger()
    {
        yield return this with { Decodes = Decodes + 1, Context = Context + 1 };
        yield return this with { Sampled = Sampled + 1 };
        yield return this with { Prefills = [.. Prefills, new PrefillChunk(1, 0)] };
        if (Decodes > 0)
        {
            yield return this with { Context = Context + 1 };
        }

        if (Prefills is [PrefillChunk first, .. PrefillChunk[] others])
        {
            yield return this with { Prefills = [first with { Tokens = first.Tokens + 1 }, .. others] };
            yield return this with { Prefills = [first with { ContextBefore = first.ContextBefore + 1 }, .. others] };
        }
    }

    internal StepTime TimeOf(ILatencyModel model) => model.TimeOf(new StepShape(Prefills, Decodes, Context, Sampled));

    internal long DeviceTicks(ILatencyModel model) => TimeOf(model).Device.Ticks;
}
