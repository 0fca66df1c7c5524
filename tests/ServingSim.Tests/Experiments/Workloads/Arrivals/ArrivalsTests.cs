using CsCheck;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

public sealed class ArrivalsTests
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(4)]
    public void Gamma_gaps_have_the_mean_of_the_rate_and_the_variation_of_the_shape(double shape)
    {
        (double mean, double variation) =
            Gaps.Moments(new GammaArrivals(new GammaOptions(4, shape), new RandomStreams(1)));

        Assert.InRange(mean, 0.25 * 0.98, 0.25 * 1.02);
        Assert.InRange(variation, 0.98 / Math.Sqrt(shape), 1.02 / Math.Sqrt(shape));
    }

    [Fact]
    public void Poisson_gaps_have_the_mean_of_the_rate_and_variation_1()
    {
        (double mean, double variation) =
            Gaps.Moments(new PoissonArrivals(new PoissonOptions(4), new RandomStreams(1)));

        Assert.InRange(mean, 0.25 * 0.98, 0.25 * 1.02);
        Assert.InRange(variation, 0.98, 1.02);
    }

    [Fact]
    public void The_first_gap_is_the_draw_of_item_0_over_the_rate_to_the_tick()
    {
        Draws draws = new RandomStreams(7).Stream("arrivals").At(0);
        SimTime expected = SimTime.FromSeconds(draws.NextExponential() / 2);

        Assert.Equal(expected, new PoissonArrivals(new PoissonOptions(2), new RandomStreams(7)).NextAfter(default, 0));
    }

    [Fact]
    public void Arrivals_never_go_back() =>
        Gen.Select(Gen.Double[0.001, 1e6], Gen.Double[0.01, 100], Gen.Long).Sample((rate, shape, seed) =>
        {
            GammaArrivals arrivals = new(new GammaOptions(rate, shape), new RandomStreams(seed));
            SimTime previous = default;
            for (long i = 0; i < 100; i++)
            {
                SimTime next = arrivals.NextAfter(previous, i);
                if (next < previous)
                {
                    return false;
                }

                previous = next;
            }

            return true;
        });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_or_shape_that_is_no_positive_number_is_a_problem_of_its_parameter(double value)
    {
        Assert.Equal("RatePerS", Assert.Single(new PoissonOptions(value).Problems()).Parameter);
        Assert.Equal("RatePerS", Assert.Single(new GammaOptions(value, 1).Problems()).Parameter);
        Assert.Equal("Shape", Assert.Single(new GammaOptions(1, value).Problems()).Parameter);
        Assert.Empty(new GammaOptions(4, 0.5).Problems());
    }
}
