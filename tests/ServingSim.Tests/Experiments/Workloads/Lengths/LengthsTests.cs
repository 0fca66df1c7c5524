using CsCheck;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Lengths;

public sealed class LengthsTests
{
    private static readonly QuantileTable Table = new("made up", [0, 0.5, 1], [10, 20, 100]);

    [Fact]
    public void Constant_lengths_are_all_the_same() =>
        Assert.All(Drawn(new ConstantLengths(new(7)), 10), tokens => Assert.Equal(7, tokens));

    [Fact]
    public void Lognormal_lengths_have_the_median_and_spread_asked_for()
    {
        int[] drawn = Drawn(new LognormalLengths(new(1000, 0.5, 1_000_000)), 20_000);
        Array.Sort(drawn);

        Assert.InRange(drawn[10_000], 980, 1020);

        // One standard deviation up is e^0.5 times the median
        Assert.InRange(drawn[16_827], 1000 * Math.Exp(0.5) * 0.97, 1000 * Math.Exp(0.5) * 1.03);
    }

    [Fact]
    public void Lognormal_lengths_beyond_a_limit_become_the_limit()
    {
        int[] drawn = Drawn(new LognormalLengths(new(100, 2, MaxTokens: 200, MinTokens: 50)), 1000);

        Assert.Equal(50, drawn.Min());
        Assert.Equal(200, drawn.Max());
        Assert.Contains(drawn, tokens => tokens is > 50 and < 200);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.024, 10)]
    [InlineData(0.025, 11)]
    [InlineData(0.25, 15)]
    [InlineData(0.5, 20)]
    [InlineData(0.75, 60)]
    [InlineData(0.9999, 100)]
    public void A_quantile_curve_is_straight_between_its_points_and_rounds_halves_up(double unit, int tokens) =>
        Assert.Equal(tokens, new QuantileCurve(Table.Probabilities, Table.Tokens).At(unit));

    [Fact]
    public void A_joint_table_draws_ranges_by_weight_and_each_ranges_own_outputs()
    {
        JointTable table = new("made up", [0, 1], [new(1, 10, 3, [5, 5]), new(100, 100, 1, [50, 60])]);
        Assert.Empty(table.Problems());
        RequestLengths[] drawn = Drawn(new JointTableLengths(new(A.File(table))), 4000);

        Assert.All(drawn, d => Assert.True(
            d is { PromptTokens: >= 1 and <= 10, OutputTokens: 5 }
                or { PromptTokens: 100, OutputTokens: >= 50 and <= 60 }));
        Assert.InRange(drawn.Count(d => d.PromptTokens == 100), 900, 1100);
        Assert.Equal(Enumerable.Range(1, 10).Append(100), drawn.Select(d => d.PromptTokens).Distinct().Order());
        Assert.Equal(50, drawn.Where(d => d.PromptTokens == 100).Min(d => d.OutputTokens));
        Assert.Equal(60, drawn.Where(d => d.PromptTokens == 100).Max(d => d.OutputTokens));
    }

    [Fact]
    public void Any_table_without_problems_draws_only_lengths_it_holds() =>
        Gen.Select(Gen.Int[1, 5000].Array[2, 12], Gen.Int[1, 100].Array[11], Gen.Long).Sample((tokens, steps, seed) =>
        {
            Array.Sort(tokens);
            double total = steps.Take(tokens.Length - 1).Sum();
            double[] probabilities =
                [0, .. Enumerable.Range(1, tokens.Length - 1).Select(i => steps.Take(i).Sum() / total)];
            QuantileTable table = new("law", probabilities, tokens);
            Draws draws = new RandomStreams(seed).Stream("law").At(0);
            int drawn = new QuantileTableLengths(new(A.File(table))).Draw(ref draws);
            return !table.Problems().Any() && drawn >= tokens[0] && drawn <= tokens[^1];
        });

    [Fact]
    public void Another_output_distribution_leaves_the_prompts_as_they_are()
    {
        ILengths table = new QuantileTableLengths(new(A.File(Table)));
        RequestLengths[] one = Drawn(new IndependentLengths(table, new ConstantLengths(new(1))), 100);
        RequestLengths[] other = Drawn(new IndependentLengths(table, table), 100);

        Assert.Equal(one.Select(l => l.PromptTokens), other.Select(l => l.PromptTokens));
        Assert.NotEqual(other.Select(l => l.PromptTokens), other.Select(l => l.OutputTokens));
    }

    [Fact]
    public void Every_mistake_in_a_table_is_a_problem_of_its_parameter()
    {
        Assert.Empty(Table.Problems());
        Assert.Equal("Source", ProblemOf(Table with { Source = " " }));
        Assert.Equal("Probabilities", ProblemOf(Table with { Probabilities = [0, 0.5, 0.9] }));
        Assert.Equal("Probabilities", ProblemOf(Table with { Probabilities = [0.1, 0.5, 1] }));
        Assert.Equal("Probabilities", ProblemOf(Table with { Probabilities = [0, double.NaN, 1] }));
        Assert.Equal("Probabilities", ProblemOf(new QuantileTable("made up", [0, 0.5, 0.5, 1], [1, 2, 3, 4])));
        Assert.Equal("Tokens", ProblemOf(Table with { Tokens = [10, 20] }));
        Assert.Equal("Tokens", ProblemOf(Table with { Tokens = [0, 20, 100] }));
        Assert.Equal("Tokens", ProblemOf(Table with { Tokens = [10, 9, 100] }));
    }

    [Theory]
    [InlineData("min_prompt_tokens: found 0", 0, 9, 1.0, 5)]
    [InlineData("max_prompt_tokens: found 0", 1, 0, 1.0, 5)]
    [InlineData("weight: found 0", 1, 9, 0.0, 5)]
    [InlineData("weight: found NaN", 1, 9, double.NaN, 5)]
    [InlineData("output_tokens: found 0 as number 1", 1, 9, 1.0, 0)]
    [InlineData("10-19: min_prompt_tokens: found 10, expected at least 11", 1, 10, 1.0, 5)]
    public void A_bad_range_of_a_joint_table_is_named(string problem, int min, int max, double weight, int output)
    {
        JointTable table = new("made up", [0, 1], [new(min, max, weight, [output, 6]), new(10, 19, 1, [5, 6])]);

        (string? parameter, string text) = Assert.Single(table.Problems());

        Assert.Equal("Bins", parameter);
        Assert.Contains(problem, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_problems()
    {
        Assert.Equal("Tokens", Assert.Single(new ConstantLengthsOptions(0).Problems()).Parameter);
        Assert.Equal(
            ["MedianTokens", "Sigma", "MinTokens", "MaxTokens"],
            new LognormalLengthsOptions(0, double.NaN, -1, 0).Problems().Select(p => p.Parameter));
        Assert.Empty(new LognormalLengthsOptions(100, 0, 1).Problems());
    }

    private static string? ProblemOf(QuantileTable table) => Assert.Single(table.Problems()).Parameter;

    private static int[] Drawn(ILengths lengths, int count)
    {
        RandomStream stream = new RandomStreams(1).Stream("lengths");
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            Draws draws = stream.At(i);
            return lengths.Draw(ref draws);
        })];
    }

    private static RequestLengths[] Drawn(IJointLengths lengths, int count)
    {
        RandomStreams streams = new(1);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            Draws prompt = streams.Stream("prompt-lengths").At(i);
            Draws output = streams.Stream("output-lengths").At(i);
            return lengths.Draw(ref prompt, ref output);
        })];
    }
}
