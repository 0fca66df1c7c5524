using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class RooflineLatencyTests
{
    // A FLOP, a byte or a byte on the link takes 1 ns on these, and all else nearly nothing
    private const double TicksPerNs = 100;
    private static readonly GpuSpec FlopGpu = new("unit", 80, 1e12, 0.001, 1, 1e12, 0, Fp8Tflops: 0.002);
    private static readonly GpuSpec ByteGpu = new("unit", 80, 1, 1e12, 1, 1e12, 0);
    private static readonly GpuSpec LinkGpu = new("unit", 80, 1e12, 1e12, 1, 1, LinkLatencyUs: 1);
    private static readonly RooflineOptions Ideal = RooflineOptions.Ideal;

    // Heads of 3, where 8 / 2 heads would be 4
    private static readonly ModelSpec Tiny = new(8, 1, 2, 1, 16, 64, IntermediateSize: 4, HeadDim: 3);
    private static readonly ModelSpec TinyMoe = Tiny with { IntermediateSize = null, Moe = new MoeSpec(4, 2, 4, 2) };

    private static readonly StepCase Decode = new(Decodes: 1, Context: 5);
    private static readonly StepCase Chunk = new(Prefills: new PrefillChunk(3, 2));

    [Fact]
    public void A_decode_computes_the_FLOPs_of_each_operator()
    {
        const int qkv = 2 * 8 * 12;
        const int output = 2 * 8 * 6;
        const int ffn = 2 * 3 * 8 * 4;
        const int attention = 4 * 6 * 5;
        const int lmHead = 2 * 8 * 16;

        AssertNs(qkv + output + ffn + attention, Decode, Tiny, FlopGpu);
        AssertNs(qkv + output + ffn + attention + lmHead, Decode with { Sampled = 1 }, Tiny, FlopGpu);
        AssertNs(qkv + output + (ffn * 2 / 3) + attention, Decode, Tiny with { GatedFfn = false }, FlopGpu);
        AssertNs((qkv + output + attention) * 4 / 3 + ffn, Decode, Tiny with { HeadDim = null }, FlopGpu);
        AssertNs(3 * (qkv + output + ffn + attention), Decode, Tiny with { NumHiddenLayers = 3 }, FlopGpu);
        AssertNs(
            ((qkv + output + ffn) / 2) + attention, Decode, Tiny with { WeightDtype = WeightDtype.Fp8 }, FlopGpu);
    }

    [Fact]
    public void A_decode_moves_the_bytes_of_each_operator()
    {
        const int qkv = (2 * 8 * 12) + (2 * (8 + 12));
        const int output = (2 * 6 * 8) + (2 * (6 + 8));
        const int ffn = (2 * 3 * 8 * 4) + (2 * ((2 * 8) + (3 * 4)));
        const int kv = 2 * 2 * 3 * 5;
        const int attention = kv + (2 * 4 * 6);
        const int elementwise = 2 * 8 * (8 + 4);
        const int lmHead = (2 * 8 * 16) + (2 * (8 + 16));
        const int all = qkv + output + ffn + attention + elementwise;

        AssertNs(all, Decode, Tiny, ByteGpu);
        AssertNs(all + lmHead, Decode with { Sampled = 1 }, Tiny, ByteGpu);
        AssertNs(all - (kv / 2), Decode, Tiny, ByteGpu, kvCacheDtype: KvCacheDtype.Fp8);
        AssertNs(
            all - (8 * (12 + 6 + (3 * 4))), Decode, Tiny with { WeightDtype = WeightDtype.Fp8 }, ByteGpu);
    }

    [Fact]
    public void A_chunk_pays_for_its_own_share_of_the_attention()
    {
        const int perToken = (2 * 8 * 12) + (2 * 8 * 6) + (2 * 3 * 8 * 4);
        const int pairs = 3 + 4 + 5;
        const int weights = 2 * 8 * (12 + 6 + (3 * 4));
        const int activations = 2 * ((8 + 12) + (6 + 8) + (16 + 12) + (8 * (8 + 4)));
        const int attention = (2 * 2 * 3 * 5) + (2 * 2 * 6 * 3);

        AssertNs((3 * perToken) + (4 * 6 * pairs), Chunk, Tiny, FlopGpu);
        AssertNs(weights + (3 * activations) + attention, Chunk, Tiny, ByteGpu);
    }

    [Fact]
    public void Experts_are_read_as_often_as_uneven_routing_visits_them()
    {
        const int router = (2 * 8 * 4) + (2 * (8 + 4));
        const int shared = (2 * 3 * 8 * 2) + (2 * (16 + 6));
        const int oneExpert = 2 * 3 * 8 * 4;
        const int visits = 2 * 2 * (8 + 12);
        const int others = 232 + 124 + 108 + 192;

        AssertNs(others + router + shared + visits + (2 * oneExpert), Decode, TinyMoe, ByteGpu);

        // Two tokens visit 4·(1 - 1.5^-2) = 20/9 of the four experts; the second adds only activations elsewhere
        const int secondToken = (2 * (8 + 12)) + (2 * (6 + 8)) + 48 + 192 + (2 * (8 + 4)) + (2 * (16 + 6)) + visits;
        AssertNs(
            others + router + shared + visits + secondToken + (20 / 9.0 * oneExpert), Decode with { Decodes = 2 },
            TinyMoe, ByteGpu);
    }

    [Fact]
    public void A_token_computes_its_experts_the_shared_ones_and_the_router()
    {
        const int attentionPart = (2 * 8 * 12) + (2 * 8 * 6) + (4 * 6 * 5);
        const int experts = 2 * (6 * 8 * 4);
        const int shared = 6 * 8 * 2;
        const int router = 2 * 8 * 4;

        AssertNs(attentionPart + experts + shared + router, Decode, TinyMoe, FlopGpu);
    }

    [Fact]
    public void Two_all_reduces_a_layer_cross_the_link_with_latency_and_a_floor()
    {
        RooflineOptions floored = Ideal with { AllReduce = new AllReduceEfficiency(1, 5) };

        AssertNs((2 * 2 * 8) + (2 * 2 * 1000), Decode, Tiny, LinkGpu, tp: 2);
        AssertNs((2 * 2 * 8) + (2 * 2 * 1000) + (2 * 5000), Decode, Tiny, LinkGpu, tp: 2, options: floored);
        AssertNs(0, Decode, Tiny, LinkGpu, tp: 1, options: floored);
    }

    [Fact]
    public void A_norm_across_heads_sums_two_variances_a_layer_over_the_GPUs()
    {
        ModelSpec normed = Tiny with { QkNormAcrossHeads = true };

        // Of 8 bytes: beside the two sums of a layer a third, of half their size
        AssertNs((2.5 * 2 * 8) + (3 * 2 * 1000), Decode, normed, LinkGpu, tp: 2);
        AssertNs(0, Decode, normed, LinkGpu);
    }

    [Fact]
    public void Hidden_states_and_residual_cross_from_stage_to_stage_of_a_pipeline()
    {
        // Two tensors of 8 elements, two bytes each, at a byte a ns; a hop of 1 µs and a floor of 5 µs a boundary
        RooflineOptions floored = Ideal with { AllReduce = new AllReduceEfficiency(0.5, 5) };
        ModelSpec four = Tiny with { NumHiddenLayers = 4 };

        AssertNs(0, Decode, four, LinkGpu);
        AssertNs(32 + 1000, Decode, four, LinkGpu, pp: 2);
        AssertNs(3 * (64 + 1000 + 5000), Decode, four, LinkGpu, pp: 4, options: floored);
        AssertNs(3 * (32 + 1000), Decode with { Decodes = 1 }, four, LinkGpu, pp: 4);
    }

    [Fact]
    public void What_the_link_does_not_join_goes_over_the_network()
    {
        // A quarter of a byte a ns and 3 µs; two GPUs' ports together are half as fast as the link
        GpuSpec pairs = LinkGpu with { LinkGpus = 2, NetworkGbPerS = 0.25, NetworkLatencyUs = 3 };
        ModelSpec four = Tiny with { NumHiddenLayers = 4, NumAttentionHeads = 4, NumKeyValueHeads = 4 };

        // A ring of 4: 6 hops, 4 of which leave a pair, and 2 · 3/4 of 2 · 8 · 2 bytes at half a byte a ns
        StepCase two = Decode with { Decodes = 2 };
        AssertNs(4 * 2 * ((1.5 * 2 * 8 * 2 / 0.5) + (2 * 1000) + (4 * 3000)), two, four, pairs, tp: 4);
        AssertNs((2 * 32) + (2 * 1000) + (32 / 0.25) + 3000, Decode, four, pairs, pp: 4);
    }

    [Fact]
    public void A_step_passes_all_layers_of_a_pipeline()
    {
        ModelSpec two = Tiny with { NumHiddenLayers = 2 };

        AssertNs(2 * 600, Decode, two, FlopGpu);
        AssertNs(2 * 600, Decode, two, FlopGpu, pp: 2);
    }

    [Fact]
    public void Tensor_parallelism_halves_weights_and_computation_and_keeps_one_KV_head()
    {
        const int qkv = (2 * 8 * (3 + 6)) + (2 * (8 + 9));
        const int output = (2 * 3 * 8) + (2 * (3 + 8));
        const int ffn = (2 * 3 * 8 * 2) + (2 * ((2 * 8) + (3 * 2)));
        const int attention = (2 * 2 * 3 * 5) + (2 * 4 * 3);
        const int elementwise = 2 * 8 * (8 + 4);

        AssertNs(qkv + output + ffn + attention + elementwise, Decode, Tiny, ByteGpu, tp: 2);
    }

    [Fact]
    public void Every_operator_has_its_launches()
    {
        GpuSpec free = FlopGpu with { Bf16Tflops = 1e12 };
        RooflineOptions options = new(
            Gemm: new(1, 1, LaunchUs: 1),
            Experts: new(1, 1, LaunchUs: 10, Passes: 1),
            Decode: new(1, 1, LaunchUs: 100, UsPerKvHead: 0.5),
            Prefill: new(1, 1, LaunchUs: 1000, NsPerContextToken: 0),
            Elementwise: new(1, UsPerLayer: 10_000),
            StepUs: 100_000);

        // Four products, and the LM head
        AssertNs(110_104_500, Decode, Tiny, free, options: options);
        AssertNs(110_105_500, Decode with { Sampled = 1 }, Tiny, free, options: options);
        AssertNs(111_104_500, new StepCase(1, 5, 0, new PrefillChunk(3, 2)), Tiny, free, options: options);

        // Two products of attention, two of the shared experts, the router
        AssertNs(110_115_500, Decode, TinyMoe, free, options: options);
    }

    [Fact]
    public void Efficiencies_stretch_what_they_belong_to()
    {
        AssertNs(600 + 480, Decode, Tiny, FlopGpu, options: Ideal with { Gemm = new(0.5, 1, 0) });
        AssertNs(600 + 120, Decode, Tiny, FlopGpu, options: Ideal with { Decode = new(0.5, 1, 0, 0) });
        AssertNs(904 + 604, Decode, Tiny, ByteGpu, options: Ideal with { Gemm = new(1, 0.5, 0) });
        AssertNs(904 + 108, Decode, Tiny, ByteGpu, options: Ideal with { Decode = new(1, 0.5, 0, 0) });
        AssertNs(904 + 192, Decode, Tiny, ByteGpu, options: Ideal with { Elementwise = new(0.5, 0) });
        AssertNs(4000 + 64, Decode, Tiny, LinkGpu, tp: 2, options: Ideal with { AllReduce = new(0.5, 0) });
        AssertNs(
            (3 * (192 + 96 + 192)) + (2 * 288), Chunk, Tiny, FlopGpu,
            options: Ideal with { Prefill = new(0.5, 1, 0, 0) });
    }

    [Fact]
    public void Decodes_beside_prompt_tokens_take_whole_tiles_of_every_query_head_where_one_kernel_computes_both()
    {
        RooflineOptions options = Ideal with { Decode = Ideal.Decode with { MixedTileRows = 4 } };
        StepCase mixed = new(1, 5, 0, new PrefillChunk(3, 2));
        const int products = 4 * (192 + 96 + 192);

        AssertNs(products + 288 + 120, mixed, Tiny, FlopGpu);
        AssertNs(products + 288 + (4 * 120), mixed, Tiny, FlopGpu, options: options);
        AssertNs(480 + 120, Decode, Tiny, FlopGpu, options: options);

        // In a window of 4 tokens a decode attends to 4, the chunk to 3, 4 and 4
        AssertNs(
            products + (24 * 11) + (4 * 24 * 4), mixed, Tiny with { SlidingWindow = new SlidingWindow(4, 1) }, FlopGpu,
            options: options);
    }

    [Theory]
    [InlineData(7.5, 1)]
    [InlineData(8.0, 64)]
    [InlineData(8.9, 64)]
    [InlineData(9.0, 1)]
    [InlineData(10.0, 1)]
    [InlineData(12.0, 64)]
    public void A_GPU_of_FlashAttention_2_has_tiles_of_64_rows(double capability, int rows)
    {
        RooflineOptions options = Ideal with { Decode = Ideal.Decode with { MixedTileRows = null } };
        StepCase mixed = new(1, 5, 0, new PrefillChunk(3, 2));

        AssertNs(
            (4 * (192 + 96 + 192)) + 288 + (rows * 120), mixed, Tiny,
            FlopGpu with { ComputeCapability = capability }, options: options);
    }

    [Fact]
    public void A_product_takes_the_root_of_the_squares_of_computing_and_reading()
    {
        // Per token and layer 480 ns of computing; the layer's weights take 480 ns to read
        GpuSpec both = ByteGpu with { Bf16Tflops = 0.001, HbmGbPerS = 1 };
        ModelSpec wide = new(1000, 1, 1, 1, 1, 64, IntermediateSize: 1000, HeadDim: 1000);
        double qkv = Root(2e6 * 3, 2 * ((1000 * 3000) + 4000));
        double output = Root(2e6, 2 * ((1000 * 1000) + 2000));
        double up = Root(2e6 * 2, 2 * ((1000 * 2000) + 3000));
        double rest = (2 * 1000 * 12) + (4 * 1000 * 5 > (2 * 2 * 1000 * 5) ? 0 : 2 * 2 * 1000 * 5) + (2 * 4 * 1000);

        AssertNs(qkv + output + up + output + rest, Decode, wide, both, options: Ideal with { Overlaps = false });

        static double Root(double compute, double memory) => Math.Sqrt((compute * compute) + (memory * memory));
    }

    [Fact]
    public void A_tile_of_queries_goes_through_its_context_one_token_after_the_other()
    {
        RooflineOptions options = Ideal with { Prefill = Ideal.Prefill with { NsPerContextToken = 128 } };
        RooflineLatency ideal = new(Ideal, Tiny, FlopGpu, new Parallelism(), KvCacheDtype.Auto);
        double without = (Chunk.DeviceTicks(ideal) - 1) / (double)TicksPerNs;

        // Heads of 3 elements: 3 ns for each of the 5 tokens, beside 4·6 FLOPs for each of 12 pairs
        const double busy = 4 * 6 * 12;
        const double chain = 3 * 5;
        AssertNs(
            without - busy + Math.Sqrt((busy * busy) + (chain * chain)), Chunk, Tiny, FlopGpu, options: options);
    }

    [Fact]
    public void The_ideal_lets_computing_hide_reading()
    {
        GpuSpec both = ByteGpu with { Bf16Tflops = 0.001, HbmGbPerS = 1 };
        ModelSpec wide = new(1000, 1, 1, 1, 1, 64, IntermediateSize: 1000, HeadDim: 1000);
        double qkv = 2 * ((1000 * 3000) + 4000);
        double output = 2 * ((1000 * 1000) + 2000);
        double up = 2 * ((1000 * 2000) + 3000);
        double rest = (2 * 1000 * 12) + (2 * 2 * 1000 * 5) + (2 * 4 * 1000);

        AssertNs(qkv + output + up + output + rest, Decode, wide, both);
    }

    [Fact]
    public void Weights_of_a_dtype_have_its_efficiency_and_quantize_their_activations()
    {
        ModelSpec fp8 = Tiny with { WeightDtype = WeightDtype.Fp8 };
        RooflineOptions options = Ideal with { GemmFp8 = new(0.5, 1, 0, QuantizePsPerElement: 1000) };
        const int inputs = 8 + 6 + 8 + 4;

        AssertNs(480 + 120 + inputs, Decode, fp8, FlopGpu, options: options);
        AssertNs(480 + 120, Decode, Tiny, FlopGpu, options: options);
    }

    [Fact]
    public void Eight_thousand_prompt_tokens_of_Llama_8B_take_an_H100_129_8_ms_of_computing()
    {
        StepCase prompt = new(Sampled: 1, Prefills: new PrefillChunk(8000, 0));

        Assert.InRange(MsOnH100(prompt, Ideal), 129.8, 138);
        Assert.InRange(MsOnH100(prompt, new RooflineOptions()), 129.8 / 0.8, 129.8 / 0.6);
    }

    [Fact]
    public void A_decode_of_Llama_8B_streams_the_layers_in_4_17_ms_and_the_LM_head_on_top()
    {
        StepCase one = new(Decodes: 1, Context: 1);
        double layers = MsOnH100(one, Ideal);

        Assert.InRange(layers, 4.165, 4.18);
        Assert.InRange(MsOnH100(one with { Sampled = 1 }, Ideal) / layers, 1.07, 1.08);
    }

    [Fact]
    public void Options_outside_their_range_are_problems()
    {
        Assert.Equal(("StepUs", "found -1, expected 0 or more"), new RooflineOptions(StepUs: -1).Problems().Single());
        Assert.Equal(
            [
                ("Compute", "found 0, expected above 0 and at most 1"),
                ("Memory", "found 1.1, expected above 0 and at most 1"),
                ("LaunchUs", "found -1, expected 0 or more"),
            ],
            new GemmEfficiency(0, 1.1, -1).Problems());
        Assert.Equal(
            ("Passes", "found 0.5, expected 1 or more"),
            new PrefillAttentionEfficiency(Passes: 0.5).Problems().Single());
        Assert.Throws<InvariantException>(
            () => new RooflineLatency(
                new(Gemm: new(0)), Tiny, FlopGpu, new Parallelism(), KvCacheDtype.Auto));
        Assert.Throws<InvariantException>(
            () => new RooflineLatency(new(), Tiny, FlopGpu, new Parallelism(1000), KvCacheDtype.Auto));
    }

    private static void AssertNs(
        double ns,
        StepCase step,
        ModelSpec model,
        GpuSpec gpu,
        int tp = 1,
        RooflineOptions? options = null,
        KvCacheDtype kvCacheDtype = KvCacheDtype.Auto,
        int pp = 1)
    {
        RooflineLatency latency = new(options ?? Ideal, model, gpu, new Parallelism(tp, Pp: pp), kvCacheDtype);

        // Rounding up may add a tick to the sum, to the decodes' launches, to each decode and each context token
        long rounding = step.Decodes == 0 ? 1 : 2 + step.Decodes + step.Context;
        Assert.InRange(step.DeviceTicks(latency), ns * TicksPerNs, (ns * TicksPerNs) + rounding);
    }

    private static double MsOnH100(StepCase step, RooflineOptions options) => step.TimeOf(new RooflineLatency(
        options, ConfigFile.Model("llama-3.1-8b"), ConfigFile.Gpu("h100-sxm"), new Parallelism(), KvCacheDtype.Auto))
        .Device.TotalMilliseconds;
}
