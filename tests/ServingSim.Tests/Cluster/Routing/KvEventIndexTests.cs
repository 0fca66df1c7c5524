using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Kv;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class KvEventIndexTests
{
    /// <summary>
    /// At every arrival of random clusters with small caches, prompts that share beginnings and quote answers, also
    /// such as are still being generated; runs of steps of any length, blocks of two sizes.
    /// </summary>
    [Fact]
    public void It_knows_of_every_replica_what_a_look_into_its_cache_finds()
    {
        int looks = 0;
        int found = 0;
        Gen.Select(
            Gen.Select(Gen.Int[0, 40], Gen.Int[0, 3], Gen.Int[1, 30], Gen.Int[1, 12], Gen.Int[-6, -1]).Array[2, 25],
            Gen.Int[12, 40],
            Gen.Int[1, 3],
            Gen.Int[1, 50]).Sample(
            (asked, blocks, perStep, maxRun) =>
            {
                EngineConfig small = A.Config(blocks, 4, 16, 4, 40) with { MaxRunSteps = maxRun };
                EngineConfig large = A.Config(blocks, 8, 16, 4, 40) with { MaxRunSteps = maxRun };
                Prober prober = new(() => found++);
                ClusterRun.Of(
                    RequestsOf(asked),
                    new ClusterSpec(
                        [
                            new PoolSpec("small", PoolRole.Mixed, 2, () => A.Parts(small, new AffineLatency(perStep))),
                            new PoolSpec("large", PoolRole.Mixed, 2, () => A.Parts(large, new AffineLatency(perStep))),
                        ],
                        () => prober));
                looks += asked.Length;
            }, iter: 1_500, threads: 1);
        Assert.InRange(found, looks / 4, 4 * looks);
    }

    [Fact]
    public void One_who_listens_late_is_told_what_is_there_and_a_reset_forgets_it()
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 0, 0);
        KvEventIndex early = new();
        PromptContent prompt = PromptContent.Of(new TokenSegment(TokenStream.Shared(0), 64));
        Assert.Equal([0, 0], early.Find(prompt, views));
        views[1].Replica.Enqueue(new Request(new RequestId(1, 0), prompt, OutputLength.Of(1), default));
        while (simulation.Step())
        {
        }

        Assert.Equal([0, 4], early.Find(prompt, views));
        Assert.Equal([0, 4], new KvEventIndex().Find(prompt, views));
        Assert.True(views[1].Replica.State.Kv.TryReset());
        Assert.Equal([0, 0], early.Find(prompt, views));
        Assert.Equal([0, 0], new KvEventIndex().Find(prompt, views));
    }

    private static IEnumerable<ClientRequest> RequestsOf(
        (int Gap, int Stream, int Tokens, int Output, int Quote)[] asked)
    {
        long time = 0;
        for (int id = 0; id < asked.Length; id++)
        {
            time += asked[id].Gap / 4;
            List<TokenSegment> prompt = [new(TokenStream.Shared(asked[id].Stream), asked[id].Tokens)];
            int quoted = id + asked[id].Quote;
            if (quoted >= 0 && asked[id].Stream > 1)
            {
                // The turn before, and what was answered or is being answered, as far as this one knows
                prompt = [new(TokenStream.Shared(asked[quoted].Stream), asked[quoted].Tokens)];
                prompt.Add(new TokenSegment(TokenStream.OutputOf(quoted), Math.Min(8, asked[quoted].Output)));
            }

            yield return new ClientRequest(
                id, new SimTime(time), PromptContent.Of([.. prompt]), OutputLength.Of(asked[id].Output), Labels.None);
        }
    }

    /// <summary>Chooses by turns, after comparing what the index tells with the caches.</summary>
    private sealed class Prober(Action hit) : IRouter
    {
        private readonly KvEventIndex _index = new();

        public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
        {
            int[] told = [.. _index.Find(request.Prompt, replicas)];
            for (int i = 0; i < told.Length; i++)
            {
                replicas[i].Replica.SettleTo(replicas[i].Now, replicas[i].Phase);
                PromptContent longer = PromptContent.Of(
                    [.. request.Prompt.Segments, new TokenSegment(TokenStream.OwnOf(-1), 1)]);
                Request probe = new(new RequestId(-1, 0), longer, OutputLength.Of(1), replicas[i].Now);
                KvCache cache = replicas[i].Replica.State.Kv;
                Assert.Equal(cache.Find(probe).Blocks, told[i]);
                cache.Retire(probe);
                if (told[i] > 0)
                {
                    hit();
                }
            }

            return (int)(request.Id % replicas.Count);
        }
    }
}
