using CsCheck;
using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Tests.Oracle;
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
                Gen.Int[1, int.MaxValue],
                Gen.Int[4, 40],
                Gen.Select(Gen.Enum<Verb>(), Gen.Int[0, 4], Gen.Int[1, 25], Gen.Int[0, 99]).Array[1, 60])
            .Sample((order, longest, blocks, steps) =>
            {
                TwinCaches twins = new(blocks, BlockSize, order, longest % 4 == 0 ? int.MaxValue : longest % 4);
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
            });
}
