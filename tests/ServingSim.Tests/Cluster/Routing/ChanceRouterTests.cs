using CsCheck;
using ServingSim.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary><c>random</c> and <c>power-of-two</c>.</summary>
public sealed class ChanceRouterTests
{
    private const int Requests = 60_000;

    [Fact]
    public void Random_chooses_every_replica_equally_often()
    {
        int[] counts = Counts(new RandomRouter(Views.Context()), Views.Of(9, 0, 5, 1));
        Assert.All(counts, c => Assert.InRange(c / (double)Requests, 0.24, 0.26));
    }

    /// <summary>
    /// Of the 6 pairs of four replicas the least loaded wins 3, the next 2, the next 1, the most loaded none.
    /// </summary>
    [Fact]
    public void Power_of_two_chooses_by_the_pairs_that_a_replica_wins()
    {
        int[] counts = Counts(new PowerOfTwoRouter(Views.Context()), Views.Of(9, 0, 5, 1));
        double[] shares = [.. counts.Select(c => c / (double)Requests)];
        Assert.Equal(0, counts[0]);
        Assert.Equal(3.0 / 6, shares[1], 0.01);
        Assert.Equal(1.0 / 6, shares[2], 0.01);
        Assert.Equal(2.0 / 6, shares[3], 0.01);
    }

    [Fact]
    public void Power_of_two_among_equals_takes_the_first_drawn_which_is_the_random_routers()
    {
        PowerOfTwoRouter two = new(Views.Context(7));
        RandomRouter one = new(Views.Context(7));
        ReplicaView[] equal = Views.Of(3, 3, 3, 3, 3);
        Assert.All(
            Enumerable.Range(0, 200).Select(i => Views.Request(i)),
            r => Assert.Equal(one.Choose(r, equal), two.Choose(r, equal)));
    }

    [Fact]
    public void One_replica_gets_everything()
    {
        Assert.Equal(0, new RandomRouter(Views.Context()).Choose(Views.Request(1), Views.Of(4)));
        Assert.Equal(0, new PowerOfTwoRouter(Views.Context()).Choose(Views.Request(1), Views.Of(4)));
    }

    [Fact]
    public void A_choice_depends_on_seed_and_request_and_not_on_what_was_chosen_before() =>
        Gen.Select(Gen.Long, Gen.Int[0, 1000], Gen.Int[0, 9].Array[1, 12]).Sample((seed, id, outstanding) =>
        {
            ReplicaView[] views = Views.Of(outstanding);
            foreach (Func<IRouter> make in new Func<IRouter>[]
                { () => new RandomRouter(Views.Context(seed)), () => new PowerOfTwoRouter(Views.Context(seed)) })
            {
                IRouter used = make();
                used.Choose(Views.Request(id + 1), views);
                Assert.Equal(make().Choose(Views.Request(id), views), used.Choose(Views.Request(id), views));
            }
        }, iter: 50);

    [Fact]
    public void Another_seed_chooses_otherwise()
    {
        ReplicaView[] views = Views.Idle(4);
        Assert.NotEqual(
            Enumerable.Range(0, 50).Select(i => new RandomRouter(Views.Context(1)).Choose(Views.Request(i), views)),
            Enumerable.Range(0, 50).Select(i => new RandomRouter(Views.Context(2)).Choose(Views.Request(i), views)));
    }

    private static int[] Counts(IRouter router, ReplicaView[] views)
    {
        int[] counts = new int[views.Length];
        for (int i = 0; i < Requests; i++)
        {
            counts[router.Choose(Views.Request(i), views)]++;
        }

        return counts;
    }
}
