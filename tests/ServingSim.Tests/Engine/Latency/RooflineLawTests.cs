using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class RooflineLawTests
{
    // Sums of doubles in another order
    private const double Rounding = 1 - 1e-12;

    private static readonly Gen<ModelSpec> Models =
        from kvHeads in Gen.OneOf(1, 2, 4, 8)
        from queries in Gen.OneOf(8, 16)
        from headDim in Gen.OneOf(64, 128)
        from hidden in Gen.Int[1, 64]
        from layers in Gen.Int[1, 80]
        from ffn in Gen.Int[1, 64]
        from vocab in Gen.Int[1, 200_000]
        from gated in Gen.Bool
        from fp8 in Gen.Bool
        from experts in Gen.OneOf(0, 1, 8, 64)
        select new ModelSpec(
            hidden * 128, layers, kvHeads * queries, kvHeads, vocab, 4096,
            experts == 0 ? ffn * 512 : null,
            experts == 0 ? null : new MoeSpec(experts, Math.Min(2, experts), ffn * 64, ffn % 2 * 64),
            headDim, gated, WeightDtype: fp8 ? WeightDtype.Fp8 : WeightDtype.Bf16);

    private static readonly Gen<GpuSpec> Gpus =
        from bandwidth in Gen.Double[100, 10_000]
        from peak in Gen.Double[10, 3_000]
        from link in Gen.Double[10, 1_000]
        from fp8 in Gen.Bool
        select new GpuSpec("random", 80, bandwidth, peak, 700, link, 0.5, fp8 ? 2 * peak : null);

    private static readonly Gen<RooflineOptions> Options = Gen.Select(
        Gen.Double[0.05, 1], Gen.Double[0.05, 1], Gen.Double[0, 5], (compute, memory, launch) => new RooflineOptions(
            compute, memory, compute, memory, memory, memory, launch, 5 * launch));

    private static readonly Gen<Setup> Setups = Gen.Select(
        Models, Gpus, Options, Gen.OneOf(1, 2, 4, 8), Gen.Enum<KvCacheDtype>(),
        (model, gpu, options, tp, dtype) => new Setup(model, gpu, options, new Parallelism(tp), dtype));

    [Fact]
    public void No_step_is_faster_than_its_FLOPs_at_the_peak_or_its_bytes_at_the_bandwidth() =>
        Gen.Select(Setups, StepCase.Random).Sample((setup, step) =>
            Assert.True(
                step.TimeOf(setup.Latency()).Device.TotalSeconds >= PhysicalSeconds(setup, step) * Rounding,
                $"{setup} {step}"));

    [Fact]
    public void A_step_at_full_efficiency_comes_close_to_what_physics_allows() =>
        Gen.Select(Setups, StepCase.Random).Where((_, step) => step.Decodes > 100).Sample((setup, step) =>
        {
            Setup ideal = setup with
            {
                Options = new RooflineOptions(1, 1, 1, 1, 1, 1, 0, 0),
                Parallelism = new Parallelism(),
                Gpu = setup.Gpu with { HbmGbPerS = 1e9 },
            };
            double seconds = step.TimeOf(ideal.Latency()).Device.TotalSeconds;

            // Coefficients of decodes are rounded up to whole ticks
            double rounding = (step.Context + step.Decodes) * SimTime.OneTick.TotalSeconds;
            double physical = PhysicalSeconds(ideal, step);
            Assert.InRange(seconds, physical * Rounding, (physical * 1.01) + rounding);
        });

    [Fact]
    public void No_count_that_grows_makes_a_step_shorter() =>
        Gen.Select(Setups, StepCase.Random).Sample((setup, step) =>
        {
            RooflineLatency latency = setup.Latency();
            Assert.All(step.Larger(), larger =>
            {
                Assert.True(larger.DeviceTicks(latency) >= step.DeviceTicks(latency), $"{setup} {step} {larger}");
                Assert.True(larger.TimeOf(latency).Host >= step.TimeOf(latency).Host);
            });
        });

    [Fact]
    public void The_same_shape_takes_the_same_time_whatever_came_before() =>
        Gen.Select(Setups, StepCase.Random, StepCase.Random).Sample((setup, step, other) =>
        {
            RooflineLatency latency = setup.Latency();
            other.TimeOf(latency);
            Assert.Equal(step.TimeOf(setup.Latency()), step.TimeOf(latency));
        });

    [Fact]
    public void The_chunks_of_a_prompt_compute_the_attention_of_the_whole_prompt() =>
        Gen.Select(Setups, Gen.Int[1, 2000].Array[1, 6]).Sample((setup, sizes) =>
        {
            RooflineLatency latency = (setup with
            {
                Options = new RooflineOptions(1, 1, 1, 1, 1, 1, 0, 0),
                Gpu = setup.Gpu with { HbmGbPerS = 1e12, LinkGbPerS = 1e12, LinkLatencyUs = 0 },
            }).Latency();
            double chunks = 0;
            int before = 0;
            foreach (int size in sizes)
            {
                chunks += new StepCase(Prefills: new PrefillChunk(size, before)).DeviceTicks(latency);
                before += size;
            }

            double whole = new StepCase(Prefills: new PrefillChunk(before, 0)).DeviceTicks(latency);
            Assert.InRange(chunks, whole * (1 - 1e-6) - 1, (whole * (1 + 1e-6)) + sizes.Length);
        });

    [Fact]
    public void The_shards_of_a_model_hold_it_all_and_replicate_only_KV_heads_norms_and_routers() =>
        Gen.Select(Models, Gen.OneOf(2, 4, 8)).Sample((model, tp) =>
        {
            ModelShard whole = new(model, new Parallelism());
            ModelShard shard = new(model, new Parallelism(tp));
            long layers = model.NumHiddenLayers;
            long copies = Math.Max(1, tp / model.NumKeyValueHeads);
            long kvWeights = 2L * model.HiddenSize * model.NumKeyValueHeads * model.HeadSize * model.BytesPerWeight;
            long small = 2L * model.HiddenSize * ((layers * (2 + (model.Moe?.Experts ?? 0))) + 1);
            long padding = (((long)shard.VocabRows * tp) - model.VocabSize) * model.HiddenSize * 2 * 2;

            Assert.Equal(
                copies * whole.KvBytesPerToken(KvCacheDtype.Auto), tp * shard.KvBytesPerToken(KvCacheDtype.Auto));
            Assert.Equal(
                whole.WeightBytes + ((copies - 1) * layers * kvWeights) + ((tp - 1) * small) + padding,
                tp * shard.WeightBytes);
        });

    [Fact]
    public void A_time_allocates_nothing()
    {
        RooflineLatency latency = Setups.Single().Latency();
        StepCase step = new(100, 50_000, 101, new PrefillChunk(500, 10));
        step.TimeOf(latency);

        long before = GC.GetAllocatedBytesForCurrentThread();
        step.TimeOf(latency);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>
    /// What one GPU must compute and read at the very least, counted apart from the model under test.
    /// </summary>
    private static double PhysicalSeconds(Setup setup, StepCase step)
    {
        ModelSpec m = setup.Model;
        double tp = setup.Parallelism.Tp;
        double tokens = step.Decodes + step.Prefills.Sum(chunk => chunk.Tokens);
        double kvTokens = step.Context + step.Prefills.Sum(chunk => (double)chunk.ContextBefore + chunk.Tokens);
        double pairs = step.Context + step.Prefills.Sum(
            chunk => chunk.Tokens * (chunk.ContextBefore + ((chunk.Tokens + 1) / 2.0)));
        double width = m.IntermediateSize
            ?? ((m.Moe!.ExpertsPerToken * (double)m.Moe.ExpertIntermediateSize) + m.Moe.SharedIntermediateSize);
        double head = m.HeadDim!.Value;
        double matrices = m.NumHiddenLayers * (double)m.HiddenSize
            * ((2 * m.NumAttentionHeads * head) + (2 * m.NumKeyValueHeads * head) + (m.GatedFfn ? 3 : 2) * width);
        double peak = setup.Gpu.Bf16Tflops * 1e12;
        bool fp8 = m.WeightDtype == WeightDtype.Fp8;
        double matrixPeak = fp8 && setup.Gpu.Fp8Tflops is { } tflops ? tflops * 1e12 : peak;
        double kvWidth = 2 * m.NumKeyValueHeads * head * (setup.KvDtype == KvCacheDtype.Fp8 ? 1 : 2);
        double lmHead = step.Sampled > 0 ? (double)m.HiddenSize * m.VocabSize : 0;
        double router = m.NumHiddenLayers * (double)m.HiddenSize * (m.Moe?.Experts ?? 0);
        double compute = (2 * tokens * matrices / matrixPeak)
            + (2 * tokens * router / peak)
            + (4 * m.NumHiddenLayers * m.NumAttentionHeads * head * pairs / peak)
            + (2 * step.Sampled * lmHead / peak);
        double bytes = (tokens > 0 ? matrices * (fp8 ? 1 : 2) : 0) + (2 * lmHead)
            + (m.NumHiddenLayers * kvWidth * kvTokens);
        return Math.Max(compute, bytes / (setup.Gpu.HbmGbPerS * 1e9)) / tp;
    }

    private sealed record Setup(
        ModelSpec Model, GpuSpec Gpu, RooflineOptions Options, Parallelism Parallelism, KvCacheDtype KvDtype)
    {
        public RooflineLatency Latency() => new(Options, Model, Gpu, Parallelism, KvDtype);
    }
}
