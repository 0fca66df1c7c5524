using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class TableLatencyTests
{
    // Layers 2, hidden 8, heads 2 of 4, one KV head, FFN 16, vocabulary 32
    private static readonly ModelSpec Tiny = new(8, 2, 2, 1, 32, 64, IntermediateSize: 16);
    private static readonly GpuSpec Fast = ConfigFile.Gpu("h100-sxm") with { HbmGbPerS = 1e12 };

    /// <summary>Tables whose times are sums that can be told by hand, in ms.</summary>
    internal static OperatorTables Tables { get; } = new(
        Grid([1, 1000], [1, 1000], [1, 1000], at => at[0] * 1e-3),
        Grid([1, 8], [1, 32], [1, 1000], [1, 4], at => at[2] * at[3] * 1e-2),
        Grid([1, 8], [1, 32], [1, 1000], [100, 200, 400], at => at[2] * (at[3] <= 200 ? at[3] : 2 * at[3]) * 1e-4),
        Grid([2, 8], [1, 1e9], at => 0.5),
        LaunchMs: 0.125);

    private static readonly TableLatency Model = new(Tables, Tiny, Fast, new Parallelism());

    [Fact]
    public void A_step_is_the_sum_of_its_operators()
    {
        // Four products and four launches a layer, one LM head; attention of 10 decodes at 150 tokens each
        double layers = 2 * ((4 * 0.010) + (4 * 0.125) + (10 * 150 * 1e-4));
        Assert.Equal(layers + 0.010, Ms(new StepCase(10, 1500, 10)), 1e-4);

        // A prompt of 50 tokens in the middle, which samples nothing, beside them
        double mixed = 2 * ((4 * 0.060) + (4 * 0.125) + (10 * 150 * 1e-4) + (50 * 1e-2));
        Assert.Equal(mixed + 0.010, Ms(new StepCase(10, 1500, 10, new PrefillChunk(50, 0))), 1e-4);
    }

    [Fact]
    public void Decodes_beside_prompt_tokens_take_the_tiles_of_FlashAttention_2_where_a_GPU_runs_it()
    {
        // Per layer 64 rows of 2 * 2 * 8 FLOPs for each of 1,500 tokens, at 55 % of the peak: 0.559 s
        GpuSpec slow = Fast with { Bf16Tflops = 1e-5, ComputeCapability = 8.9 };
        TableLatency tiles = new(Tables, Tiny, slow, new Parallelism());
        TableLatency own = new(Tables, Tiny, slow, new Parallelism(), mixedTileRows: 0);
        StepCase mixed = new(10, 1500, 10, new PrefillChunk(50, 0));

        double flops = 64.0 * 4 * Tiny.NumAttentionHeads * Tiny.HeadSize * 1500;
        Assert.Equal(
            Ms(mixed, own) + (2 * ((flops / 5.5e6 * 1e3) - (10 * 150 * 1e-4))), Ms(mixed, tiles), 1e-2);
        Assert.Equal(Ms(mixed), Ms(mixed, own));
        Assert.Equal(Ms(new StepCase(10, 1500, 10)), Ms(new StepCase(10, 1500, 10), tiles));
    }

    [Fact]
    public void It_knows_how_far_it_was_measured()
    {
        Assert.Equal([1, 1000], Model.Range.Decodes);
        Assert.Equal([1, 400_000], Model.Range.ContextTokens);
        Assert.Equal([1, 1000], Model.Range.PrefillTokens);
    }

    [Fact]
    public void The_chunks_of_a_prompt_take_the_attention_of_the_whole()
    {
        double rest = 2 * ((4 * 0.050) + (4 * 0.125));

        Assert.Equal(rest + (2 * 0.5), Ms(new StepCase(Prefills: new PrefillChunk(50, 300))), 1e-4);
    }

    [Fact]
    public void Prompts_longer_than_any_measured_take_attention_with_their_square()
    {
        double rest = 2 * ((4 * 3.000) + (4 * 0.125));

        Assert.Equal(rest + (2 * 9 * 10), Ms(new StepCase(Prefills: new PrefillChunk(3000, 0))), 1e-3);
    }

    [Fact]
    public void All_reduces_join_on_several_GPUs()
    {
        TableLatency two = new(Tables, Tiny with { NumKeyValueHeads = 2 }, Fast, new Parallelism(2));

        Assert.Equal(Ms(new StepCase(10, 1500, 10)) + (2 * 2 * 0.5), Ms(new StepCase(10, 1500, 10), two), 1e-4);
    }

    [Fact]
    public void No_context_more_makes_a_step_shorter_across_knots()
    {
        for (long context = 1; context < 2000; context++)
        {
            Assert.True(
                Ms(new StepCase(3, context + 1, 3)) >= Ms(new StepCase(3, context, 3)), $"after {context} tokens");
        }
    }

    private static double Ms(StepCase step, TableLatency? model = null) =>
        step.TimeOf(model ?? Model).Device.TotalMilliseconds;

    private static GridTable Grid(double[] a, double[] b, Func<double[], double> time) => new(
        [.. a.SelectMany(x => b.Select(y => new[] { x, y })).Select(at => (at, time(at)))]);

    private static GridTable Grid(double[] a, double[] b, double[] c, Func<double[], double> time) => new(
    [
        .. a.SelectMany(x => b.SelectMany(y => c.Select(z => new[] { x, y, z }))).Select(at => (at, time(at))),
    ]);

    private static GridTable Grid(double[] a, double[] b, double[] c, double[] d, Func<double[], double> time) => new(
    [
        .. a.SelectMany(x => b.SelectMany(y => c.SelectMany(z => d.Select(w => new[] { x, y, z, w }))))
            .Select(at => (at, time(at))),
    ]);
}
