using CsCheck;
using ServingSim.Engine.Kv;
using ServingSim.Engine.Kv.Eviction;
using Xunit;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>The free queue against a plain list of blocks, each the n-th of a run.</summary>
public sealed class LruEvictionTests
{
    private const int TotalBlocks = 40;

    private enum Verb
    {
        Free,
        FreeUnhashed,
        Reuse,
        Cut,
        Take,
    }

    [Fact]
    public void It_gives_up_blocks_in_the_order_of_a_list() =>
        Gen.Select(Gen.Enum<UnhashedOrder>(), Gen.Select(Gen.Enum<Verb>(), Gen.Int[0, 9], Gen.Int[1, 4]).Array[1, 60])
            .Sample((order, steps) =>
            {
                LruEviction queue = new(new EvictionContext(TotalBlocks, order));
                List<(int Run, int Index)> free = [];
                Stack<int> numbers = new(Enumerable.Range(1, TotalBlocks - 1));
                foreach ((Verb verb, int at, int count) in steps)
                {
                    switch (verb)
                    {
                        case Verb.Take when free.Count > 0:
                            BlockRun taken = queue.Take(count);
                            int most = Math.Min(count, free.TakeWhile(b => b.Run == free[0].Run).Count());
                            Assert.Equal(new BlockRun(free[0].Run, most), taken);
                            Assert.Equal(free[most - 1].Index, free[0].Index - most + 1);
                            free.RemoveRange(0, most);
                            break;
                        case Verb.Reuse when at < free.Count:
                            int reused = free[at].Run;
                            queue.Reused(new BlockRun(reused, free.RemoveAll(b => b.Run == reused)));
                            break;
                        case Verb.Cut when at < free.Count && numbers.Count > 0:
                            Cut(queue, free, free[at].Run, count, numbers);
                            break;
                        case Verb.Free or Verb.FreeUnhashed when numbers.Count > 0:
                            BlockRun run = new(numbers.Pop(), count);
                            queue.Freed(run, verb == Verb.Free ? default(BlockKey) : null);
                            bool atHead = verb == Verb.FreeUnhashed && order == UnhashedOrder.Head;
                            free.InsertRange(atHead ? 0 : free.Count, BlocksOf(run.Number, count, 0));
                            break;
                        default:
                            break;
                    }
                }

                while (free.Count > 0)
                {
                    Assert.Equal(new BlockRun(free[0].Run, 1), queue.Take(1));
                    free.RemoveAt(0);
                }
            });

    private static void Cut(
        LruEviction queue, List<(int Run, int Index)> free, int run, int count, Stack<int> numbers)
    {
        int begin = free.FindIndex(b => b.Run == run);
        int blocks = free.Count(b => b.Run == run);
        if (blocks <= count)
        {
            return;
        }

        int rest = numbers.Pop();
        queue.Cut(new BlockRun(run, count), new BlockRun(rest, blocks - count));
        free.RemoveRange(begin, blocks - count);
        free.InsertRange(begin, BlocksOf(rest, blocks - count, count));
    }

    /// <summary>The blocks of a run, the last first.</summary>
    private static IEnumerable<(int Run, int Index)> BlocksOf(int run, int blocks, int from) =>
        Enumerable.Range(from, blocks).Reverse().Select(i => (run, i));
}
