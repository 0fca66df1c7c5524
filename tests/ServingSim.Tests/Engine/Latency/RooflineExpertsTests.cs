using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

/// <summary>Experts computed by whole blocks of rows, and by kernels tuned for their shape.</summary>
public sealed class RooflineExpertsTests
{
    // A FLOP or a byte takes 1 ns on these, and all else nearly nothing
    private const double TicksPerNs = 100;
    private static readonly GpuSpec FlopGpu = new("unit", 80, 1e12, 0.001, 1, 1e12, 0);
    private static readonly GpuSpec ByteGpu = new("unit", 80, 1, 1e12, 1, 1e12, 0);

    // Four experts, two a token, of 3 matrices of 8 x 4
    private static readonly ModelSpec Tiny =
        new(8, 1, 2, 1, 16, 64, Moe: new MoeSpec(4, 2, 4), HeadDim: 3);

    private static readonly ExpertEfficiency Peak = RooflineOptions.Ideal.Experts;
    private static readonly ExpertEfficiency Blocks = Peak with { BlockRows = 16 };

    // Two rows a token and 15 more for each expert on the GPU, rounded up to blocks of 16
    [Theory]
    [InlineData(1, 1, 64 - 2)]
    [InlineData(2, 1, 64 - 4)]
    [InlineData(3, 1, 80 - 6)]
    [InlineData(2, 2, 32 - 2)]
    public void Blocks_are_computed_in_full_for_every_expert_on_the_GPU(int tokens, int ep, int rowsMore)
    {
        const int rowFlops = 2 * 3 * 8 * 4;
        const int rowBytes = 2 * (8 + (3 * 4));
        AssertMore(rowsMore * rowFlops, Blocks, Peak, tokens, FlopGpu, ep);
        // What else a token copies on its way is there without blocks too, for all k of its experts on every GPU
        int copies = tokens * 2 * 8 * (2 - (2 / ep));
        AssertMore((rowsMore * rowBytes) - copies, Blocks, Peak, tokens, ByteGpu, ep);
    }

    [Fact]
    public void Blocks_hide_the_shorter_of_computing_and_reading_weights_in_part()
    {
        // 64 rows of 192 FLOPs, and two experts of 192 bytes, at rates that make both 12,288 ns
        const double each = 64 * 192;
        GpuSpec both = new("unit", 80, 2 * 192 / each, 0.001, 1, 1e12, 0);
        double activations = (64 - 2) * 2 * (8 + (3 * 4)) / both.HbmGbPerS;

        // The bound without blocks takes as long as reading the weights
        AssertMore(((Math.Sqrt(2) - 1) * each) + activations, Blocks, Peak, 1, both, 1);
    }

    [Fact]
    public void A_tuned_kernel_serves_the_shapes_it_was_tuned_for_only()
    {
        ExpertEfficiency half = Peak with { Compute = 0.5, TunedCompute = 1, Tuned = [new(4, 4), new(2, 8)] };
        const int visits = 2 * 2 * 3 * 8 * 4;

        AssertMore(visits, Peak with { Compute = 0.5 }, half, 1, FlopGpu, 1);
        AssertMore(0, Peak with { Compute = 0.5 }, half, 1, FlopGpu, 1, tp: 2);
        AssertMore(0, Peak with { Compute = 0.5 }, half, 1, FlopGpu, 2);
        Assert.Equal(
            ("Tuned", "found 0, expected more than 0"), (half with { Tuned = [new(0, 4)] }).Problems().Single());
    }

    [Fact]
    public void A_tuned_kernel_needs_both_its_shapes_and_its_speed()
    {
        const string together = "found none, expected tuned_compute and tuned together";
        ExpertEfficiency both = Peak with { TunedCompute = 1, Tuned = [new(4, 4)] };

        Assert.Empty(both.Problems());
        Assert.Equal(("TunedCompute", together), (both with { TunedCompute = null }).Problems().Single());
        Assert.Equal(("Tuned", together), (both with { Tuned = null }).Problems().Single());
    }

    // Four experts of so many rows are more than an int holds
    [Theory]
    [InlineData(1 << 24)]
    [InlineData((1 << 30) + 1)]
    [InlineData(int.MaxValue)]
    public void Blocks_of_any_size_are_computed_in_full(int rows)
    {
        const double rowFlops = 2 * 3 * 8 * 4;
        double whole = Math.Ceiling((2 + (4 * (rows - 1.0))) / rows) * rows;
        StepCase step = new(1, 5);
        long ticks = step.DeviceTicks(new RooflineLatency(
            RooflineOptions.Ideal with { Experts = Blocks with { BlockRows = rows, Skew = 0 } },
            Tiny,
            FlopGpu,
            new Parallelism(),
            KvCacheDtype.Auto));

        Assert.InRange(ticks / (whole * rowFlops * TicksPerNs), 1, 1.01);
    }

    /// <summary>
    /// vLLM's recipes (pull request 112) tell of MiniMax-M2 on 4 H100: 32.2 ms a token for 10 clients with DeepGEMM's
    /// grouped products, 16.4 ms without; nothing was fitted to it.
    /// </summary>
    [Fact]
    public void Blocks_of_128_rows_make_a_small_step_of_MiniMax_as_slow_as_a_published_run()
    {
        ExpertEfficiency triton = new(0.36, 0.957, 46, 3.8);
        ExpertEfficiency deepGemm = new(0.49, 0.957, 46, 1.5, BlockRows: 128);

        Assert.InRange(MsOfMiniMax(deepGemm, 10), 0.9 * 32.2, 1.1 * 32.2);
        Assert.InRange(MsOfMiniMax(triton, 10), 0.7 * 16.4, 16.4);

        // From one token to sixteen a step gets but 4 ms longer, by the weights it reads; with tiles it doubles
        Assert.InRange(MsOfMiniMax(deepGemm, 16) / MsOfMiniMax(deepGemm, 1), 1, 1.15);
        Assert.InRange(MsOfMiniMax(triton, 16) / MsOfMiniMax(triton, 1), 1.5, 3);
    }

    private static double MsOfMiniMax(ExpertEfficiency experts, int decodes)
    {
        RooflineLatency latency = new(
            new RooflineOptions(ExpertsFp8: experts),
            ConfigFile.Model("minimax-m2.5"),
            ConfigFile.Gpu("h100-sxm"),
            new Parallelism(4),
            KvCacheDtype.Auto);
        return new StepCase(decodes, 2560L * decodes, decodes).TimeOf(latency).Device.TotalMilliseconds;
    }

    private static void AssertMore(
        double ns,
        ExpertEfficiency experts,
        ExpertEfficiency than,
        int tokens,
        GpuSpec gpu,
        int ep,
        int tp = 0)
    {
        StepCase step = new(tokens, 5L * tokens);
        Parallelism parallelism = new(tp == 0 ? ep : tp, Ep: ep);
        long Ticks(ExpertEfficiency efficiency) => step.DeviceTicks(new RooflineLatency(
            RooflineOptions.Ideal with { Experts = efficiency with { Skew = 0 } },
            Tiny,
            gpu,
            parallelism,
            KvCacheDtype.Auto));
        Assert.InRange((Ticks(experts) - Ticks(than)) / TicksPerNs, ns - 1, ns + 1);
    }
}
