using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

public sealed class PrefixGroupsTests : IDisposable
{
    private readonly WorkloadRun _run = new();

    public void Dispose() => _run.Dispose();

    private static string Source(string groups) => $$"""
          source: { name: synthetic, prefix_groups: { {{groups}} } }
          arrivals: { name: poisson, rate_per_s: 1 }
          prompt_tokens: { name: constant, tokens: 30 }
          output_tokens: { name: constant, tokens: 2 }
        """;

    [Fact]
    public void A_system_prompt_is_found_again_in_full_blocks()
    {
        // 40 + 30 tokens; the shared ones fill two blocks, the third holds 8 of the request's own
        _run.Run(Source("groups: 1, tokens: 40"), "requests=4");
        Assert.Equal(["70 0", "70 32", "70 32", "70 32"], _run.Rows("prompt_tokens", "cached_tokens"));
    }

    [Fact]
    public void Each_group_is_computed_once_and_the_popular_ones_are_met_at_once()
    {
        // A group's first request finds nothing; equal shares of 50 groups leave none out of 1000 requests
        _run.Run(Source("groups: 50, tokens: 32, zipf_exponent: 0"), "requests=1000");
        Assert.Equal(50, _run.Rows("cached_tokens").Count(c => c == "0"));

        // The first group has 1/(1 + 2^−10 + …) of all requests
        _run.Run(Source("groups: 50, tokens: 32, zipf_exponent: 10"), "requests=1000");
        Assert.InRange(_run.Rows("cached_tokens").Count(c => c == "0"), 1, 4);
    }

    [Fact]
    public void Shares_at_exponent_1_are_by_harmonic_numbers()
    {
        const int Items = 100_000;
        PrefixGroups groups = new(new PrefixGroupsOptions(Groups: 4, Tokens: 9, ZipfExponent: 1), new RandomStreams(1));
        long[] drawn = [.. Enumerable.Range(0, Items).Select(item => groups.Of(item).Stream.Id)];

        // 1 + 1/2 + 1/3 + 1/4 is 25/12; the standard error of a share is at most 0.0016
        double[] shares = [12 / 25.0, 6 / 25.0, 4 / 25.0, 3 / 25.0];
        Assert.All(shares.Index(), s => Assert.Equal(s.Item, drawn.Count(g => g == s.Index) / (double)Items, 0.006));
        Assert.All(drawn, g => Assert.InRange(g, 0, 3));
    }

    [Fact]
    public void Prefix_groups_leave_arrivals_and_lengths_as_they_are()
    {
        _run.Run(Source("groups: 50, tokens: 10"), "requests=20");
        string[] some = _run.Rows("arrival_s", "output_tokens");
        string without = Source("groups: 50, tokens: 10").Replace(", prefix_groups: { groups: 50, tokens: 10 }", "");
        _run.Run(without, "requests=20");
        Assert.Equal(some, _run.Rows("arrival_s", "output_tokens"));
        Assert.All(_run.Rows("prompt_tokens", "cached_tokens"), r => Assert.Equal("30 0", r));
    }

    [Theory]
    [InlineData("groups: 0, tokens: 1", "groups: found 0, expected a whole number from 1 to 1000000")]
    [InlineData("groups: 1, tokens: 0", "tokens: found 0, expected a whole number from 1 to 1000000")]
    [InlineData(
        "groups: 1, tokens: 1, zipf_exponent: -1", "zipf_exponent: found -1, expected a number from 0 to 10")]
    public void A_bad_option_is_told(string options, string message) =>
        Assert.Equal("workload.source.prefix_groups." + message, _run.Refusal(Source(options), "duration=1h"));
}
