using CsCheck;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

/// <summary>Processes whose gaps know nothing of the time: weibull, constant, on-off, and laws of them all.</summary>
public sealed class RenewalTests
{
    private static readonly OnOffOptions Batches = new(BatchRequests: 20, BatchRatePerS: 5, SimTime.FromSeconds(30));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1.01, 0.9943258511915060)]
    [InlineData(1.1, 0.9513507698668732)]
    [InlineData(1.25, 0.9064024770554771)]
    [InlineData(4.0 / 3, 0.8929795115692493)]
    [InlineData(1.5, 0.886226925452758)]
    [InlineData(2, 1)]
    [InlineData(5.5, 52.34277778455352)]
    [InlineData(11, 3628800)]
    [InlineData(21, 2432902008176640000)]
    public void The_Gamma_function_has_its_known_values(double x, double expected) =>
        Assert.InRange(GammaFunction.At(x) / expected, 1 - 1e-13, 1 + 1e-13);

    [Fact]
    public void The_Gamma_function_grows_by_its_argument() => Gen.Double[1, 20].Sample(
        x => Math.Abs((GammaFunction.At(x + 1) / (x * GammaFunction.At(x))) - 1) < 1e-12);

    [Theory]
    [InlineData(0.5, 2.2360679774997896)]
    [InlineData(1, 1)]
    [InlineData(2, 0.5227232008770633)]
    [InlineData(100, 0.0127237)]
    public void Weibull_gaps_have_the_mean_of_the_rate_and_the_variation_of_the_shape(double shape, double expected)
    {
        (double mean, double variation) =
            Gaps.Moments(new WeibullArrivals(new(4, shape), new RandomStreams(1)), 200_000);

        Assert.InRange(mean, 0.25 * 0.98, 0.25 * 1.02);
        Assert.InRange(variation, expected * 0.97, expected * 1.03);
    }

    [Fact]
    public void Weibull_arrivals_of_shape_1_are_Poisson_arrivals() => Assert.All(
        Gaps.Arrivals(new WeibullArrivals(new(4, 1), new RandomStreams(3)), 100)
            .Zip(Gaps.Arrivals(new PoissonArrivals(new(4), new RandomStreams(3)), 100)),
        pair => Assert.InRange((pair.First - pair.Second).Ticks, -100, 100));

    [Fact]
    public void Constant_arrivals_are_every_gap_one_inverse_of_the_rate() => Assert.Equal(
        [SimTime.FromSeconds(0.25), SimTime.FromSeconds(0.5), SimTime.FromSeconds(0.75)],
        Gaps.Arrivals(new ConstantArrivals(new(4)), 3));

    [Theory]
    [InlineData(null, 1)]
    [InlineData(0.8, 1)]
    [InlineData(0.0, 4)]
    public void On_off_gaps_have_the_mean_and_variation_of_the_mixture(double? sigma, double shape)
    {
        OnOffOptions options = Batches with { OffSigma = sigma, BatchShape = shape };
        (double mean, double variation) = Gaps.Moments(new OnOffArrivals(options, new RandomStreams(1)), 500_000);

        // A gap is one of off with probability 1/20, else one of 0.2 s; E[X²]/E[X]² is 2, or e^σ²
        double expected = (30 + (19 * 0.2)) / 20;
        double square = ((900 * (sigma is { } s ? Math.Exp(s * s) : 2)) + (19 * 2 * 0.04)) / 20;
        double expectedVariation = Math.Sqrt((square / (expected * expected)) - 1);
        Assert.InRange(mean, expected * 0.98, expected * 1.02);
        Assert.InRange(variation, expectedVariation * 0.97, expectedVariation * 1.03);
    }

    [Fact]
    public void Gaps_inside_a_batch_have_the_variation_of_the_shape()
    {
        OnOffOptions options = Batches with { BatchRequests = 1e9, BatchShape = 4 };
        SimTime[] instants = [.. Gaps.Arrivals(new OnOffArrivals(options, new RandomStreams(1)), 50_001).Skip(1)];
        double[] gaps = [.. instants.Zip(instants.Skip(1), (a, b) => (b - a).TotalSeconds)];
        Assert.InRange(gaps.Average(), 0.2 * 0.99, 0.2 * 1.01);
        Assert.InRange(Math.Sqrt(gaps.Average(g => g * g) - 0.04) / 0.2, 0.48, 0.52);
    }

    [Fact]
    public void On_off_batches_have_geometric_sizes_of_the_mean_asked_for()
    {
        OnOffOptions options = Batches with { OffMean = SimTime.FromSeconds(1e6), OffSigma = 0, BatchRatePerS = 1e6 };
        SimTime previous = default;
        List<int> sizes = [];
        foreach (SimTime at in Gaps.Arrivals(new OnOffArrivals(options, new RandomStreams(2)), 1600))
        {
            if ((at - previous).TotalSeconds > 1)
            {
                Assert.Equal(SimTime.FromSeconds(1e6), at - previous);
                sizes.Add(0);
            }

            sizes[^1]++;
            previous = at;
        }

        Assert.InRange(sizes.Average(), 16, 25);
        Assert.InRange(sizes.Count(s => s <= 13) / (double)sizes.Count, 0.35, 0.62);
    }

    [Fact]
    public void A_run_of_batches_begins_with_an_off_time() => Gen.Long.Sample(seed =>
        new OnOffArrivals(Batches with { OffSigma = 0 }, new RandomStreams(seed)).NextAfter(SimTime.Zero, 0)
            == SimTime.FromSeconds(30));

    [Fact]
    public void A_rate_times_k_divides_every_gap_by_k_to_the_tick() =>
        Gen.Select(Gen.Double[0.01, 1000], Gen.Double[0.1, 20], Gen.Int[2, 50], Gen.Long, Gen.Int[0, 1000])
            .Sample((rate, shape, k, seed, index) =>
            {
                RandomStreams streams = new(seed);
                (IArrivals Slow, IArrivals Fast)[] pairs =
                [
                    (new PoissonArrivals(new(rate), streams), new PoissonArrivals(new(rate * k), streams)),
                    (new GammaArrivals(new(rate, shape), streams), new GammaArrivals(new(rate * k, shape), streams)),
                    (new WeibullArrivals(new(rate, shape), streams),
                        new WeibullArrivals(new(rate * k, shape), streams)),
                    (new ConstantArrivals(new(rate)), new ConstantArrivals(new(rate * k))),
                ];
                SimTime from = SimTime.FromSeconds(100);
                return pairs.All(p =>
                {
                    double slow = (p.Slow.NextAfter(from, index) - from).Ticks / (double)k;
                    return Math.Abs(slow - (p.Fast.NextAfter(from, index) - from).Ticks) <= 1 + (slow * 2e-15);
                });
            });

    [Fact]
    public void A_gap_is_a_function_of_its_index_and_not_of_those_asked_for_before()
    {
        IArrivals[] Fresh(long seed)
        {
            RandomStreams streams = new(seed);
            return [new WeibullArrivals(new(4, 0.7), streams), new OnOffArrivals(Batches, streams)];
        }

        foreach ((IArrivals asked, IArrivals fresh) in Fresh(5).Zip(Fresh(5)))
        {
            SimTime[] inOrder = Gaps.Arrivals(asked, 50);
            Assert.Equal(inOrder[40], asked.NextAfter(inOrder[39], 40));
            Assert.Equal(inOrder[40], fresh.NextAfter(inOrder[39], 40));
        }

        Assert.All(
            Fresh(5).Zip(Fresh(6)),
            p => Assert.NotEqual(Gaps.Arrivals(p.First, 3), Gaps.Arrivals(p.Second, 3)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_value_that_is_no_positive_number_is_a_problem_of_its_parameter(double value)
    {
        Assert.Equal("RatePerS", Assert.Single(new ConstantArrivalsOptions(value).Problems()).Parameter);
        Assert.Equal("RatePerS", Assert.Single(new WeibullOptions(value, 1).Problems()).Parameter);
        Assert.Equal("Shape", Assert.Single(new WeibullOptions(1, value).Problems()).Parameter);
        Assert.Equal("BatchRequests", Assert.Single((Batches with { BatchRequests = value }).Problems()).Parameter);
        Assert.Equal("BatchRatePerS", Assert.Single((Batches with { BatchRatePerS = value }).Problems()).Parameter);
    }

    [Fact]
    public void Off_times_are_positive_and_their_sigma_is_not_negative()
    {
        Assert.Equal("OffMean", Assert.Single((Batches with { OffMean = SimTime.Zero }).Problems()).Parameter);
        Assert.Equal("OffSigma", Assert.Single((Batches with { OffSigma = -0.1 }).Problems()).Parameter);
        Assert.Equal("OffSigma", Assert.Single((Batches with { OffSigma = double.NaN }).Problems()).Parameter);
        Assert.Equal("BatchShape", Assert.Single((Batches with { BatchShape = 0 }).Problems()).Parameter);
        Assert.Empty(Batches.Problems());
        Assert.Empty((Batches with { OffSigma = 0, BatchRequests = 1 }).Problems());
        Assert.Empty(new WeibullOptions(1, 0.1).Problems());
    }
}
