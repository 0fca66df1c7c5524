using System.Globalization;
using System.IO.Compression;
using CsCheck;
using ServingSim.Engine.Latency;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class GridTableTests
{
    private const string Folder = "measured/operators/A2_aiconfigurator";

    private static readonly string[] Attention =
        ["kv_cache_dtype", "num_key_value_heads", "num_heads", "head_dim", "window_size"];

    [Fact]
    public void Between_measured_points_times_are_linear_and_beyond_them_they_grow_in_proportion()
    {
        GridTable table = new([([1, 10], 1), ([1, 20], 3), ([2, 10], 5), ([2, 20], 5)]);

        Assert.Equal(3, table.At(1, 20));
        Assert.Equal(2, table.At(1, 15));
        Assert.Equal(3.5, table.At(1.5, 15));
        Assert.Equal(6, table.At(1, 40));
        Assert.Equal(10, table.At(4, 20));
        Assert.Equal(1, table.At(0, 5));
        Assert.Equal([10, 20], table.InnermostKnots);
    }

    [Fact]
    public void Times_that_fall_are_drawn_to_their_mean()
    {
        GridTable table = new([([1.0], 4), ([2.0], 3), ([3.0], 6)]);

        Assert.Equal((3.5, 3.5, 6), (table.At(1), table.At(2), table.At(3)));
    }

    [Fact]
    public void More_of_anything_never_takes_less_time() =>
        Gen.Select(Gen.Double[0.1, 9].Array[12], Gen.Double[0, 9].Array[2], Gen.Double[0, 3].Array[2]).Sample(
            (times, at, more) =>
            {
                GridTable table = new(
                    [.. times.Select((time, i) => (new[] { 1.0 + (i / 4 * 2), 1.0 + (i % 4 * 2) }, time))]);
                Assert.True(table.At(at[0] + more[0], at[1] + more[1]) >= table.At(at[0], at[1]) - 1e-9);
            });

    /// <summary>Every other point of the grid is held out, as on a chequered board.</summary>
    [SharedDataFact(Folder)]
    public void Held_out_operators_are_within_3_percent_in_the_median_and_10_at_p90_on_Hopper()
    {
        // Times of the others jump from point to point, which nothing between points can tell
        (string, double)[] gpus =
        [
            ("h100_sxm__vllm0.14.0", 0.1),
            ("h200_sxm__vllm0.14.0", 0.1),
            ("b200_sxm__vllm0.19.0", 0.11),
            ("a100_sxm__vllm0.14.0", 0.11),
            ("rtx_pro_6000_server__vllm0.19.0", 0.18),
            ("l40s__vllm0.14.0", 0.19),
        ];
        foreach ((string gpu, double limit) in gpus)
        {
            double[] errors =
            [
                .. Errors(gpu + "__gemm", ["gemm_dtype"], ["m", "n", "k"]),
                .. Errors(
                    gpu + "__context_attention", Attention, ["isl", "batch_size"]),
                .. Errors(
                    gpu + "__generation_attention", Attention, ["batch_size", "step"]),
            ];
            Array.Sort(errors);
            Assert.InRange(errors[errors.Length / 2], 0, 0.03);
            Assert.InRange(errors[errors.Length * 9 / 10], 0, limit);
        }
    }

    private static IEnumerable<double> Errors(string file, string[] kinds, string[] axes)
    {
        string[][] rows = [.. Lines(SharedData.Find($"{Folder}/{file}.csv.gz")!).Select(line => line.Split(','))];
        int[] kind = [.. kinds.Select(name => Array.IndexOf(rows[0], name)).Where(column => column >= 0)];
        int[] axis = [.. axes.Select(name => Array.IndexOf(rows[0], name))];
        int time = Array.IndexOf(rows[0], "latency_ms");
        foreach (var table in rows.Skip(1).GroupBy(row => string.Join(' ', kind.Select(k => row[k]))))
        {
            (double[] At, double Time)[] points =
                [.. table.Select(row => (axis.Select(a => Number(row[a])).ToArray(), Number(row[time])))];
            double[][] knots =
                [.. axis.Select((_, a) => points.Select(p => p.At[a]).Distinct().Order().ToArray())];
            var byColour = points.ToLookup(p => p.At.Select((x, a) => Array.IndexOf(knots[a], x)).Sum() % 2);
            if (byColour[0].Count() < 10)
            {
                continue;
            }

            GridTable grid = new([.. byColour[0]]);
            var lines = byColour[0].ToLookup(p => string.Join(' ', p.At[..^1]), p => p.At[^1]);
            foreach ((double[] at, double ms) in byColour[1].Where(p => IsBetween(p.At, lines)))
            {
                yield return Math.Abs((grid.At(at) / ms) - 1);
            }
        }
    }

    /// <summary>Whether points on both sides are kept, so that nothing is extrapolated.</summary>
    private static bool IsBetween(double[] at, ILookup<string, double> lines)
    {
        double[] kept = [.. lines[string.Join(' ', at[..^1])]];
        return kept.Length > 1 && at[^1] > kept.Min() && at[^1] < kept.Max();
    }

    private static IEnumerable<string> Lines(string path)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
