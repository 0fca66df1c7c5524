using ServingSim.Experiments.Results;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class RequestSelectionTests
{
    private static long[] Sample(int every) =>
    [
        .. Enumerable.Range(0, 1_000_000).Select(id => (long)id)
            .Where(new RequestSelection(RequestRows.Sample, every).Includes),
    ];

    [Fact]
    public void A_sample_has_one_request_in_so_many_and_follows_no_period()
    {
        long[] sample = Sample(100);

        // Binomial: 10,000 expected, standard deviation 99.5
        Assert.InRange(sample.Length, 10_000 - 400, 10_000 + 400);
        Assert.True(sample.Select(id => id % 10).Distinct().Count() == 10, "the last digit decides");
        Assert.InRange(sample.Zip(sample.Skip(1), (a, b) => b - a).Distinct().Count(), 300, 1000);
    }

    [Fact]
    public void A_sample_is_always_the_same()
    {
        Assert.Equal([224, 284, 355, 368], Sample(100)[..4]);
    }

    [Fact]
    public void One_in_one_is_everybody_all_is_everybody_and_none_is_nobody()
    {
        Assert.Equal(1_000_000, Sample(1).Length);
        Assert.True(RequestSelection.All.Includes(7));
        Assert.DoesNotContain(
            Enumerable.Range(0, 99), id => new RequestSelection(RequestRows.None, 1).Includes(id));
    }
}
