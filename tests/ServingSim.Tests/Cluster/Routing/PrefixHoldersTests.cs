using CsCheck;
using ServingSim.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class PrefixHoldersTests
{
    [Fact]
    public void A_search_from_the_first_block_ends_at_a_gap_and_the_other_passes_it()
    {
        PrefixHolders holders = new();
        foreach ((ulong block, int replica) in new[] { (1UL, 0), (2UL, 0), (3UL, 0), (1UL, 70), (3UL, 70), (2UL, 5) })
        {
            Assert.True(holders.Add(block, replica));
        }

        Assert.False(holders.Add(2, 5));
        Assert.Equal(6, holders.Count);
        ReadOnlySpan<int> gapless = holders.CountFromFirst([1, 2, 3, 4]);
        Assert.Equal((3, 1, 0), (gapless[0], gapless[70], gapless[5]));
        ReadOnlySpan<int> all = holders.CountWhileAnyHolds([1, 2, 3, 4]);
        Assert.Equal((3, 2, 1), (all[0], all[70], all[5]));
        Assert.Equal(0, holders.CountWhileAnyHolds([4, 1])[0]);
        Assert.Equal(0, holders.CountFromFirst([])[0]);
    }

    [Fact]
    public void It_finds_what_a_list_of_pairs_holds() =>
        Gen.Select(Gen.Int[0, 3], Gen.ULong[0, 5], Gen.Int[0, 4]).Array[1, 60].Sample(
            steps =>
            {
                PrefixHolders holders = new();
                HashSet<(ulong Block, int Replica)> pairs = [];
                foreach ((int kind, ulong block, int nth) in steps)
                {
                    int replica = nth * 40;
                    if (kind > 0)
                    {
                        Assert.Equal(pairs.Add((block, replica)), holders.Add(block, replica));
                    }
                    else if (pairs.Remove((block, replica)))
                    {
                        holders.Remove(block, replica);
                    }

                    Assert.Equal(pairs.Count, holders.Count);
                    Assert.Equal(pairs.Contains((block, replica)), holders.Has(block, replica));
                    ulong[] asked = [.. Enumerable.Range(0, 6).Select(b => ((ulong)b + block) % 6)];
                    int[] gapless = holders.CountFromFirst(asked).ToArray();
                    int[] all = holders.CountWhileAnyHolds(asked).ToArray();
                    for (int r = 0; r < all.Length; r++)
                    {
                        Assert.Equal(asked.TakeWhile(b => pairs.Contains((b, r))).Count(), gapless[r]);
                        Assert.Equal(
                            asked.TakeWhile(b => pairs.Any(p => p.Block == b)).Count(b => pairs.Contains((b, r))),
                            all[r]);
                    }
                }
            }, iter: 3_000);
}
