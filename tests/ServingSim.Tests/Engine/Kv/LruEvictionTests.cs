using CsCheck;
using ServingSim.Engine.Kv;
using ServingSim.Engine.Kv.Eviction;
using Xunit;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>The free queue against a plain list.</summary>
public sealed class LruEvictionTests
{
    private const int TotalBlocks = 8;

    [Fact]
    public void It_gives_up_blocks_in_the_order_of_a_list() =>
        Gen.Select(
            Gen.Enum<UnhashedOrder>(),
            Gen.Select(Gen.OneOf(Gen.Int[0, 3], Gen.Int[1, 3]), Gen.Int[0, 7], Gen.Int[1, 4]).Array[1, 200])
            .Sample((order, verbs) =>
            {
                LruEviction queue = new(new EvictionContext(TotalBlocks, order));
                List<BlockId> free = [.. Enumerable.Range(1, TotalBlocks - 1).Select(i => new BlockId(i))];
                List<BlockId> used = [];
                foreach ((int verb, int at, int count) in verbs)
                {
                    List<BlockId> from = verb < 2 ? free : used;
                    int begin = verb == 0 ? 0 : Math.Min(at, from.Count);
                    BlockId[] run = [.. from.Skip(begin).Take(count)];
                    from.RemoveRange(begin, run.Length);
                    switch (verb)
                    {
                        case 0:
                            BlockId[] taken = new BlockId[run.Length];
                            queue.Take(taken);
                            Assert.Equal(run, taken);
                            used.AddRange(run);
                            break;
                        case 1:
                            queue.Reused(new BlockRun(run));
                            used.AddRange(run);
                            break;
                        default:
                            queue.Freed(new BlockRun(run), hashed: verb == 2);
                            free.InsertRange(verb == 3 && order == UnhashedOrder.Head ? 0 : free.Count, run);
                            break;
                    }
                }
            });
}
