using ServingSim.Experiments.Planning;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class ManyServersTests
{
    /// <summary>Erlang C by its sum, for few servers.</summary>
    [Theory]
    [InlineData(1, 0.7)]
    [InlineData(2, 1.2)]
    [InlineData(5, 4.5)]
    [InlineData(20, 15)]
    public void The_chance_to_wait_is_Erlangs(int servers, double load)
    {
        double Term(int k) => Enumerable.Range(1, k).Aggregate(1.0, (term, i) => term * load / i);
        double waiting = Term(servers) * servers / (servers - load);
        double expected = waiting / (Enumerable.Range(0, servers).Sum(Term) + waiting);
        Assert.Equal(expected, ManyServers.ErlangC(load, servers), 12);
    }

    [Fact]
    public void Of_one_server_with_exponential_service_the_wait_is_exact()
    {
        // M/M/1: P(W > t) = ρ exp(-(μ - λ) t)
        Assert.Equal(0.6 * Math.Exp(-0.4 * 3), ManyServers.ChanceToWait(0.6, 1, 1, 1, 3), 12);
        Assert.Equal(0, ManyServers.ChanceToWait(0.6, 1, 1, 1, double.PositiveInfinity));
    }

    [Fact]
    public void Less_variation_waits_less_and_too_much_load_waits_surely()
    {
        Assert.True(ManyServers.ChanceToWait(0.6, 1, 1, 0, 3) < ManyServers.ChanceToWait(0.6, 1, 1, 1, 3));
        Assert.Equal(1, ManyServers.ChanceToWait(2, 1, 2, 1, 5));
    }
}
