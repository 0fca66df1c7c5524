using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

public sealed class SyntheticWorkloadTests
{
    private static readonly QuantileTable Table = new("made up", [0, 1], [1, 1000]);
    private static readonly QuantileTableLengths Spread = new QuantileTableLengths(new(A.File(Table)));

    [Fact]
    public void Requests_are_numbered_from_0_and_arrive_in_order_with_the_labels()
    {
        Labels labels = new([new("service", "chat")]);
        using SyntheticWorkload workload = new(
            Poisson(1), new IndependentLengths(Spread, Spread), labels, new RandomStreams(1), new(Requests: 50));
        SimTime? announced = workload.NextArrival;
        List<ClientRequest> taken = workload.TakeAll();

        Assert.Equal(announced, taken[0].Arrival);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), taken.Select(r => r.Id));
        Assert.Equal(taken.Select(r => r.Arrival).Order(), taken.Select(r => r.Arrival));
        Assert.All(taken, r => Assert.Same(labels, r.Labels));
        Assert.All(taken, r => Assert.Equal(TokenStream.OwnOf(r.Id), r.Prompt.Segments[0].Stream));
        Assert.Null(workload.TraceCounts);
    }

    [Fact]
    public void The_duration_is_the_first_instant_at_which_nothing_arrives()
    {
        List<ClientRequest> all = Requests(Spread, 1, new(Requests: 20));
        SimTime end = all[10].Arrival;

        Assert.Equal(10, Requests(Spread, 1, new(Duration: end)).Count);
        Assert.Equal(11, Requests(Spread, 1, new(Duration: end + SimTime.OneTick)).Count);
        Assert.Equal(5, Requests(Spread, 1, new(end, Requests: 5)).Count);
    }

    [Fact]
    public void A_duration_before_the_first_arrival_leaves_nothing() =>
        Assert.Empty(Requests(Spread, 1, new(Duration: SimTime.OneTick)));

    [Fact]
    public void The_same_seed_gives_the_same_requests_and_another_seed_others()
    {
        static IEnumerable<(SimTime, int, int)> Facts(long seed) =>
            Requests(Spread, seed, new(Requests: 20)).Select(r => (r.Arrival, r.PromptTokens, r.Output.Tokens));

        Assert.Equal(Facts(5), Facts(5));
        Assert.NotEqual(Facts(5), Facts(6));
    }

    [Fact]
    public void Other_lengths_leave_the_arrivals_as_they_are()
    {
        List<ClientRequest> one = Requests(Spread, 1, new(Requests: 20));
        List<ClientRequest> other = Requests(new ConstantLengths(new(3)), 1, new(Requests: 20));

        Assert.Equal(one.Select(r => r.Arrival), other.Select(r => r.Arrival));
        Assert.Equal(one.Select(r => r.PromptTokens), other.Select(r => r.PromptTokens));
        Assert.All(other, r => Assert.Equal(3, r.Output.Tokens));
    }

    [Fact]
    public void Lengths_are_the_draws_of_the_request_from_the_streams_of_their_names()
    {
        int Drawn(string stream, long request)
        {
            Draws draws = new RandomStreams(1).Stream(stream).At(request);
            return Spread.Draw(ref draws);
        }

        Assert.All(Requests(Spread, 1, new(Requests: 20)), r => Assert.Equal(
            (Drawn("prompt-lengths", r.Id), Drawn("output-lengths", r.Id)), (r.PromptTokens, r.Output.Tokens)));
    }

    [Fact]
    public void Taking_past_the_end_is_a_bug()
    {
        using SyntheticWorkload workload = new(
            Poisson(1), new IndependentLengths(Spread, Spread), Labels.None, new RandomStreams(1), new(Requests: 1));
        workload.Take();

        Assert.Null(workload.NextArrival);
        Assert.Throws<InvariantException>(workload.Take);
    }

    private static PoissonArrivals Poisson(long seed) => new(new PoissonOptions(2), new RandomStreams(seed));

    private static List<ClientRequest> Requests(ILengths outputs, long seed, WorkloadLimits limits)
    {
        using SyntheticWorkload workload = new(
            Poisson(seed), new IndependentLengths(Spread, outputs), Labels.None, new RandomStreams(seed), limits);
        return workload.TakeAll();
    }
}
