using CsCheck;
using ServingSim.Engine.Kv.Eviction;
using Xunit;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>
/// Random admissions, growth and releases: the same hits, the same order of eviction and the same count of evicted
/// blocks as vLLM's block manager taken literally, whether blocks change hands in runs or one by one.
/// </summary>
public sealed class KvCacheLawTests
{
    private const int BlockSize = 3;

    private enum Verb
    {
        Admit,
        Prefill,
        Append,
        Free,
    }

    [Fact]
    public void Runs_of_blocks_follow_the_literal_block_manager() =>
        Gen.Select(
                Gen.Enum<UnhashedOrder>(),
                Gen.OneOf(Gen.Int[1, 3], Gen.Const(int.MaxValue)),
                Gen.Int[4, 40],
                Gen.Select(Gen.Enum<Verb>(), Gen.Int[0, 4], Gen.Int[1, 25], Gen.Int[0, 99]).Array[1, 60])
            .Sample(
                (order, longest, blocks, steps) => Follow(new TwinCaches(blocks, BlockSize, order, longest), steps),
                iter: 20_000);

    private static void Follow(TwinCaches twins, (Verb Verb, int At, int Tokens, int Seed)[] steps)
    {
        foreach ((Verb verb, int at, int tokens, int seed) in steps)
        {
            switch (verb)
            {
                case Verb.Admit:
                    twins.Admit(tokens, seed);
                    break;
                case Verb.Prefill:
                    twins.Prefill(at, tokens);
                    break;
                case Verb.Append:
                    twins.Append(at, tokens);
                    break;
                default:
                    twins.Free(at);
                    break;
            }
        }
    }
}
