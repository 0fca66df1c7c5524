using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class JsqTokensRouterTests
{
    /// <summary>Steps of 10 ticks; main/1 is rid of its first request at 11 and main/0 of its own at 20.</summary>
    [Fact]
    public void The_replica_with_the_fewest_unended_prompt_tokens_is_chosen_and_of_equals_the_first()
    {
        (int Prompt, int Output, long Arrival)[] requests =
            [(100, 2, 0), (30, 1, 1), (50, 9, 2), (10, 9, 3), (40, 9, 15), (1, 9, 16), (1, 9, 25)];
        ClusterRun run = ClusterRun.Of(
            requests.Select((request, id) => new ClientRequest(
                id,
                new SimTime(request.Arrival),
                PromptContent.OwnOf(id, request.Prompt),
                OutputLength.Of(request.Output),
                Labels.None)),
            new PoolSpec("main", PoolRole.Mixed, 2, () => A.Parts(A.Config(), new AffineLatency(10))),
            new JsqTokensRouter(new JsqTokensOptions()));

        // Tokens of main/0 and main/1 at each arrival: 0 0, 100 0, 100 30, 100 80, 100 60, 100 100, 1 100
        Assert.Equal(
            ["main/0", "main/1", "main/1", "main/1", "main/1", "main/0", "main/0"],
            run.Ended.Values.Select(ended => ended.Replica!.Name));
        Assert.All(run.Cluster.Pools[0].Views, v => Assert.Equal((0, 0L), (v.Outstanding, v.OutstandingPromptTokens)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(25, 0)]
    [InlineData(26, 1)]
    public void An_unended_request_counts_for_its_expected_output_too(int expected, int chosen)
    {
        ReplicaView[] views = Views.Of(5, 1);
        (views[0].OutstandingPromptTokens, views[1].OutstandingPromptTokens) = (200, 300);
        JsqTokensRouter router = new(new JsqTokensOptions(expected));
        Assert.Equal(chosen, router.Choose(Views.Request(0), views));
    }

    [Fact]
    public void No_replica_has_fewer_tokens_than_the_chosen_and_none_before_it_as_few() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 8], Gen.Int[0, 3]).Sample((tokens, expected) =>
        {
            ReplicaView[] views = Views.Of(tokens);
            for (int i = 0; i < tokens.Length; i++)
            {
                views[i].OutstandingPromptTokens = tokens[^(i + 1)];
            }

            long[] sums = [.. views.Select(v => v.OutstandingPromptTokens + (v.Outstanding * expected))];
            int chosen = new JsqTokensRouter(new JsqTokensOptions(expected)).Choose(Views.Request(0), views);
            Assert.Equal(Array.IndexOf(sums, sums.Min()), chosen);
        }, iter: 100);
}
