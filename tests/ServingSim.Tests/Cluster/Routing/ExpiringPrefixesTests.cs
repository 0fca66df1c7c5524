using CsCheck;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class ExpiringPrefixesTests
{
    [Fact]
    public void A_block_is_believed_to_be_there_until_its_time_has_passed_since_it_was_last_sent()
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 0, 0);
        ExpiringPrefixes index = new(new SimTime(10), 100, 80);
        index.Sent(Prompt(48), views[1]);
        Assert.Equal([0, 3], index.Find(Prompt(64), views));
        simulation.RunUntil(new SimTime(5));
        index.Sent(Prompt(16), views[1]);
        simulation.RunUntil(new SimTime(9));
        Assert.Equal([0, 3], index.Find(Prompt(64), views));
        simulation.RunUntil(new SimTime(10));
        Assert.Equal([0, 1], index.Find(Prompt(64), views));
        simulation.RunUntil(new SimTime(15));
        Assert.Equal([0, 0], index.Find(Prompt(64), views));
    }

    [Fact]
    public void Too_many_blocks_are_pruned_to_the_share_the_oldest_and_their_ends_first()
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 0, 0);
        ExpiringPrefixes index = new(new SimTime(10), 5, 3);
        index.Sent(Prompt(64), views[0]);
        index.Sent(Prompt(16), views[1]);
        Assert.Equal([4, 1], index.Find(Prompt(64), views));
        index.Sent(Prompt(32), views[1]);
        Assert.Equal([1, 2], index.Find(Prompt(64), views));
    }

    /// <summary>Against a list of all that was sent, looked through every time.</summary>
    [Fact]
    public void It_believes_what_a_list_of_everything_sent_tells() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[1, 6], Gen.Int[0, 2]).Array[1, 40],
            Gen.Int[1, 8],
            Gen.Int[1, 14]).Sample(
            (steps, ttl, most) =>
            {
                Simulation simulation = new();
                ReplicaView[] views = Views.In(simulation, 0, 0, 0);
                int kept = most / 2;
                ExpiringPrefixes index = new(new SimTime(ttl), most, kept);
                List<(long Expiry, int Stream, int Block, int Replica)> oldestFirst = [];
                foreach ((int wait, int stream, int blocks, int replica) in steps)
                {
                    simulation.RunUntil(simulation.Now + new SimTime(wait));
                    oldestFirst.RemoveAll(b => b.Expiry <= simulation.Now.Ticks);
                    Assert.Equal(
                        Enumerable.Range(0, 3).Select(r => Enumerable.Range(0, blocks)
                            .TakeWhile(b => oldestFirst.Exists(o => (o.Stream, o.Block, o.Replica) == (stream, b, r)))
                            .Count()),
                        index.Find(Prompt(stream, 16 * blocks), views));
                    index.Sent(Prompt(stream, 16 * blocks), views[replica]);
                    for (int b = blocks - 1; b >= 0; b--)
                    {
                        oldestFirst.RemoveAll(o => (o.Stream, o.Block, o.Replica) == (stream, b, replica));
                        oldestFirst.Add((simulation.Now.Ticks + ttl, stream, b, replica));
                    }

                    if (oldestFirst.Count > most)
                    {
                        oldestFirst.RemoveRange(0, oldestFirst.Count - kept);
                    }
                }
            }, iter: 2_000);

    private static PromptContent Prompt(int tokens) => Prompt(0, tokens);

    private static PromptContent Prompt(int stream, int tokens) =>
        PromptContent.Of(new TokenSegment(TokenStream.Shared(stream), tokens));
}
