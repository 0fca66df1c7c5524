using CsCheck;
using ServingSim.Experiments.Reproducing.Demonstrations;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing.Demonstrations;

/// <summary>The search for a choice in each window.</summary>
public sealed class BeamSearchTests
{
    [Fact]
    public void A_change_is_made_where_it_gains_more_than_it_costs()
    {
        double[][] gain = [[10, 0], [9, 10], [0, 10]];

        Assert.Equal([0, 1, 1], BeamSearch.Best(gain, (_, from, to) => from == to ? 0 : 2, 2));
        Assert.Equal([0, 1, 0], BeamSearch.Best([[10, 0], [9, 10], [10, 0]], (_, _, _) => 0, 2));
        Assert.Equal([0, 0, 0], BeamSearch.Best([[10, 0], [9, 10], [10, 0]], (_, from, to) => from == to ? 0 : 2, 2));
        Assert.Equal([1, 1, 1], BeamSearch.Best(gain, (_, from, to) => from == to ? 0 : 20, 2));
    }

    [Fact]
    public void Of_equals_the_first_is_chosen() =>
        Assert.Equal([0, 0], BeamSearch.Best([[1, 1], [1, 1]], (_, _, _) => 0, 1));

    [Fact]
    public void A_beam_as_wide_as_the_choices_finds_what_trying_all_finds() => Gen.Select(
            Tables, Gen.Double[0, 20])
        .Sample((gain, cost) =>
        {
            double Cost(int window, int from, int to) => cost * Math.Abs(to - from) * (window + 1);
            IReadOnlyList<int> found = BeamSearch.Best(gain, Cost, gain[0].Length);

            Assert.Equal(All(gain).Max(p => Score(p, gain, Cost)), Score(found, gain, Cost), 9);
        });

    [Fact]
    public void A_narrow_beam_gives_a_sequence_that_is_no_better_than_the_best() => Gen.Select(
            Tables, Gen.Double[0, 20], Gen.Int[1, 3])
        .Sample((gain, cost, width) =>
        {
            double Cost(int window, int from, int to) => from == to ? 0 : cost;
            IReadOnlyList<int> found = BeamSearch.Best(gain, Cost, width);

            Assert.Equal(gain.Length, found.Count);
            Assert.True(Score(found, gain, Cost) <= All(gain).Max(p => Score(p, gain, Cost)) + 1e-9);
        });

    private static Gen<double[][]> Tables => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 4])
        .SelectMany((windows, choices) => Gen.Double[0, 100].Array[choices].Array[windows]);

    private static double Score(IReadOnlyList<int> path, double[][] gain, Func<int, int, int, double> cost) =>
        path.Select((choice, w) => gain[w][choice] - (w == 0 ? 0 : cost(w, path[w - 1], choice))).Sum();

    private static IEnumerable<IReadOnlyList<int>> All(double[][] gain) => gain.Aggregate(
        (IEnumerable<IReadOnlyList<int>>)[[]],
        (paths, window) => paths.SelectMany(
            p => Enumerable.Range(0, window.Length).Select(c => (IReadOnlyList<int>)[.. p, c])));
}
