using CsCheck;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class RecentPrefixesTests
{
    /// <summary>Three blocks are remembered: of the first prompt of two its beginning goes first.</summary>
    [Fact]
    public void The_beginning_of_what_was_sent_longest_ago_is_forgotten_first()
    {
        ReplicaView[] views = Views.Of(0, 0);
        RecentPrefixes index = new(16, 256, 3);
        index.Sent(Prompt(0, 32), views[0]);
        index.Sent(Prompt(1, 32), views[0]);
        Assert.Equal([0, 0], index.Find(Prompt(0, 32), views));
        Assert.Equal([2, 0], index.Find(Prompt(1, 32), views));
        index.Sent(Prompt(0, 16), views[1]);
        Assert.Equal([1, 1], index.Find(Prompt(0, 32), views));
    }

    [Fact]
    public void Only_so_many_blocks_of_a_prompt_are_looked_at()
    {
        ReplicaView[] views = Views.Of(0, 0);
        RecentPrefixes index = new(16, 2, 100);
        index.Sent(Prompt(0, 64), views[0]);
        Assert.Equal((2, 2, 1), (
            index.Find(Prompt(0, 64), views)[0], index.BlocksOf(Prompt(0, 64)), index.BlocksOf(Prompt(0, 31))));
    }

    /// <summary>Against a list for each replica in the order of sending.</summary>
    [Fact]
    public void It_remembers_what_lists_with_the_same_rule_remember() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 2], Gen.Int[1, 6], Gen.Int[0, 2]).Array[1, 50], Gen.Int[1, 12]).Sample(
            (steps, capacity) =>
            {
                ReplicaView[] views = Views.Of(0, 0, 0);
                RecentPrefixes index = new(16, 5, capacity);
                List<(int, int)>[] oldestFirst = [[], [], []];
                foreach ((int stream, int blocks, int replica) in steps)
                {
                    (int, int)[] keys = [.. Enumerable.Range(0, Math.Min(5, blocks)).Select(b => (stream, b))];
                    int known = keys.TakeWhile(k => oldestFirst.Any(o => o.Contains(k))).Count();
                    Assert.Equal(
                        oldestFirst.Select(o => keys.Take(known).Count(o.Contains)),
                        index.Find(Prompt(stream, (16 * blocks) + 7), views));
                    index.Sent(Prompt(stream, 16 * blocks), views[replica]);
                    foreach ((int, int) key in keys)
                    {
                        oldestFirst[replica].Remove(key);
                        oldestFirst[replica].Add(key);
                        if (oldestFirst[replica].Count > capacity)
                        {
                            oldestFirst[replica].RemoveAt(0);
                        }
                    }
                }
            }, iter: 3_000);

    private static PromptContent Prompt(int stream, int tokens) =>
        PromptContent.Of(new TokenSegment(TokenStream.Shared(stream), tokens));
}
