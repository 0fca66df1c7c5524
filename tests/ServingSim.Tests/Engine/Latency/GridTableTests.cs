using System.Globalization;
using System.IO.Compression;
using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class GridTableTests
{
    private const string Folder = "measured/operators/A2_aiconfigurator";

    private static readonly string[] Attention = ["kv_cache_dtype", "head_dim", "window_size"];
    private static readonly string[] Heads = ["num_key_value_heads", "num_heads"];

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
        GridTable table = new([([1.0], 4), ([2.0], 3), ([3.0], 6)], null, 0);

        Assert.Equal((3.5, 3.5, 6), (table.At(1), table.At(2), table.At(3)));
    }

    [Fact]
    public void Between_points_the_ratio_to_a_rough_formula_is_interpolated()
    {
        // 4x everywhere: the formula's bend is kept, within the grid and outside it
        double Rough(double[] at) => Math.Max(10, at[0]);
        GridTable table = new([([1.0], 40), ([100.0], 400)], Rough);

        Assert.Equal((40, 40, 200, 800), (table.At(1), table.At(10), table.At(50), table.At(200)));

        // From 4x to 8x over the logarithm
        Assert.Equal(6 * 10, new GridTable([([1.0], 40), ([100.0], 800)], Rough).At(10), 1e-9);
    }

    [Fact]
    public void A_hole_is_told_by_the_axis_along_which_least_changes()
    {
        // Along the first axis 10 and 10; along the second 10 and 30, whose difference is told apart by its logarithm
        GridTable table = new([([1, 2], 10), ([3, 2], 10), ([2, 1], 10), ([2, 3], 30)]);
        double distance = 0.001 * Math.Pow(Math.Log(3), 2);
        double like = 1 / Math.Pow(0.005 + distance, 2);
        double unlike = 1 / Math.Pow(0.005 + (0.25 * Math.Pow(Math.Log(3), 2)) + distance, 2);

        double expected = Math.Exp(((like * Math.Log(10)) + (unlike * Math.Log(20))) / (like + unlike));
        Assert.Equal(expected, table.At(2, 2), 1e-9);
        Assert.InRange(expected, 10, 10.01);
    }

    [Fact]
    public void More_of_anything_never_takes_less_time() =>
        Gen.Select(Gen.Double[0.1, 9].Array[12], Gen.Double[0, 9].Array[2], Gen.Double[0, 3].Array[2]).Sample(
            (times, at, more) =>
            {
                GridTable table = new(
                    [.. times.Select((time, i) => (new[] { 1.0 + (i / 4 * 2), 1.0 + (i % 4 * 2) }, time))],
                    null, 0, 1);
                Assert.True(table.At(at[0] + more[0], at[1] + more[1]) >= table.At(at[0], at[1]) - 1e-9);
            });

    /// <summary>Every other point of the grid is held out, as on a chequered board.</summary>
    [SharedDataFact(Folder)]
    public void Held_out_operators_are_within_3_percent_in_the_median_and_10_at_p90()
    {
        string[] gpus =
        [
            "h100_sxm__vllm0.14.0", "h200_sxm__vllm0.14.0", "b200_sxm__vllm0.19.0", "a100_sxm__vllm0.14.0",
            "rtx_pro_6000_server__vllm0.19.0", "l40s__vllm0.14.0",
        ];
        foreach (string file in gpus)
        {
            string name = file[..file.IndexOf("__", StringComparison.Ordinal)].Replace('_', '-');
            GpuSpec gpu = ConfigFile.Gpu(
                name.Replace("-server", "", StringComparison.Ordinal).Replace("a100-sxm", "a100-sxm-80gb"));
            double[] errors =
            [
                .. Errors(file + "__gemm", ["gemm_dtype"], ["m", "n", "k"], (kind, points) =>
                    OperatorTables.GemmTable(points, DtypeOf(kind[0]), gpu)),
                .. Errors(
                    file + "__context_attention", Attention, [.. Heads, "isl", "batch_size"], (kind, points) =>
                        OperatorTables.PrefillTable(points, (int)Number(kind[1]), KvDtypeOf(kind[0]), gpu)),
                .. Errors(
                    file + "__generation_attention", Attention, [.. Heads, "batch_size", "step"], (kind, points) =>
                        OperatorTables.DecodeTable(points, (int)Number(kind[1]), KvDtypeOf(kind[0]), gpu)),
            ];
            Array.Sort(errors);
            double median = errors[errors.Length / 2];
            double p90 = errors[errors.Length * 9 / 10];
            Assert.True(errors.Length > 8000, $"{name}: {errors.Length} points");
            Assert.True(median <= 0.03 && p90 <= 0.1, $"{name}: median {median:P1}, p90 {p90:P1}");
        }
    }

    private static IEnumerable<double> Errors(
        string file, string[] kinds, string[] axes, Func<string[], (double[], double)[], GridTable> tableOf)
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

            GridTable grid = tableOf(table.Key.Split(' '), [.. byColour[0]]);
            var lines = byColour[0].ToLookup(p => string.Join(' ', p.At[..^1]), p => p.At[^1]);
            foreach ((double[] at, double ms) in byColour[1].Where(p => IsBetween(p.At, lines)))
            {
                yield return Math.Abs((grid.At(at) / ms) - 1);
            }
        }
    }

    private static WeightDtype DtypeOf(string name) => name switch
    {
        "bfloat16" => WeightDtype.Bf16,
        "nvfp4" => WeightDtype.Fp4,
        _ => WeightDtype.Fp8,
    };

    private static KvCacheDtype KvDtypeOf(string name) => name == "fp8" ? KvCacheDtype.Fp8 : KvCacheDtype.Auto;

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
