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
        from dtype in Gen.Enum<WeightDtype>()
        from expertDtype in Gen.Enum<WeightDtype>()
        from experts in Gen.OneOf(0, 8, 64)
        from dense in Gen.Int[0, 1]
        from kind in Gen.Int[0, 3]
        from window in Gen.Int[1, 5000]
        select new ModelSpec(
            hidden * 128, layers + 1, kvHeads * queries, kvHeads, vocab, 4096,
            experts == 0 || dense == 1 ? ffn * 512 : null,
            experts == 0 ? null : new MoeSpec(experts, 2, ffn * 64, ffn % 2 * 64, dense, expertDtype),
            headDim, gated, WeightDtype: dtype,
            Mla: kind == 1 ? new MlaSpec(ffn * 8, headDim / 2, headDim, headDim / 2, hidden * 16) : null,
            SlidingWindow: kind == 2 ? new SlidingWindow(window, (layers / 2) + 1) : null);

    private static readonly Gen<GpuSpec> Gpus =
        from bandwidth in Gen.Double[100, 10_000]
        from peak in Gen.Double[10, 3_000]
        from link in Gen.Double[10, 1_000]
        from fp8 in Gen.Bool
        from fp4 in Gen.Bool
        from domain in Gen.OneOf(1, 4, 8, 72)
        select new GpuSpec(
            "random", 80, bandwidth, peak, 700, link, 0.5, fp8 ? 2 * peak : null, fp4 ? 4 * peak : null,
            LinkGpus: domain, NetworkGbPerS: link / 9);

    private static readonly Gen<RooflineOptions> Options = Gen.Select(
        Gen.Double[0.05, 1], Gen.Double[0.05, 1], Gen.Double[0, 5], Gen.OneOf<int?>(null, 1, 16, 128),
        (compute, memory, launch, blockRows) => new RooflineOptions(
            Gemm: new(compute, memory, launch),
            Experts: new(compute, memory, launch, 1 / memory, BlockRows: blockRows),
            Decode: new(compute, memory, launch, launch),
            Prefill: new(compute, 1 / memory, launch),
            Elementwise: new(memory, launch),
            AllReduce: new(memory, 5 * launch)));

    private static readonly Gen<Setup> Setups =
        from model in Models
        from gpu in Gpus
        from options in Options
        from tp in Gen.OneOf(1, 2, 4, 8)
        from dp in Gen.OneOf(1, 2, 4)
        from whole in Gen.Bool
        from dtype in Gen.Enum<KvCacheDtype>()
        from stages in Gen.Int[1, 4]
        let pp = Math.Min(stages, model.NumHiddenLayers)
        let parallelism = model.Moe is null || tp * dp > 8
            ? new Parallelism(tp, Pp: pp)
            : new Parallelism(tp, dp, whole ? tp * dp : 1, pp)
        select new Setup(model, gpu, options, parallelism, dtype);

    [Fact]
    public void No_step_is_faster_than_its_FLOPs_at_the_peak_or_its_bytes_at_the_bandwidth() =>
        Gen.Select(Setups, StepCase.Random).Sample((setup, step) =>
            Assert.True(
                step.TimeOf(setup.Latency()).Device.TotalSeconds >= setup.PhysicalSeconds(step) * Rounding,
                $"{setup} {step}"));

    [Fact]
    public void A_step_at_full_efficiency_comes_close_to_what_physics_allows() =>
        Gen.Select(Setups, StepCase.Random).Where((_, step) => step.Decodes > 100).Sample((setup, step) =>
        {
            Setup ideal = setup with
            {
                Options = RooflineOptions.Ideal,
                Parallelism = new Parallelism(),
                Gpu = setup.Gpu with { HbmGbPerS = 1e9 },
            };
            double seconds = step.TimeOf(ideal.Latency()).Device.TotalSeconds;

            // Coefficients of decodes are rounded up to whole ticks, in layers with a window and in those without
            double rounding = 2 * (step.Context + step.Decodes) * SimTime.OneTick.TotalSeconds;
            double physical = ideal.PhysicalSeconds(step);
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
    public void The_line_of_decodes_is_the_same_whatever_was_asked_before() =>
        Gen.Select(Setups, Gen.Select(Gen.Int[1, 5], Gen.Int[1, 20_000]).Array[1, 40]).Sample((setup, batches) =>
        {
            RooflineLatency used = setup.Latency();
            foreach ((int decodes, int context) in batches)
            {
                long contexts = (long)decodes * context;
                DecodeLine fresh = setup.Latency().DecodeLine(decodes, contexts)!.Value;
                Assert.Equal(fresh, used.DecodeLine(decodes, contexts));

                // Where the line ends and begins anew, too
                if (fresh.LastContextTokens < 1L << 40)
                {
                    foreach (long beside in new[] { 0L, 1 })
                    {
                        Assert.Equal(
                            setup.Latency().DecodeLine(decodes, fresh.LastContextTokens + beside),
                            used.DecodeLine(decodes, fresh.LastContextTokens + beside));
                    }
                }
            }
        });

    [Fact]
    public void The_chunks_of_a_prompt_compute_the_attention_of_the_whole_prompt() =>
        Gen.Select(Setups, Gen.Int[1, 2000].Array[1, 6]).Sample((setup, sizes) =>
        {
            RooflineLatency latency = (setup with
            {
                Options = RooflineOptions.Ideal,
                Gpu = setup.Gpu with { HbmGbPerS = 1e12, LinkGbPerS = 1e12, LinkLatencyUs = 0, LinkGpus = 99 },
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
            long kvWidth = model.Mla is { } mla
                ? mla.KeptWidth + mla.QLoraRank!.Value
                : 2L * model.NumKeyValueHeads * model.HeadSize;
            double kvWeights = model.HiddenSize * kvWidth * ModelSpec.BytesOf(model.WeightDtype);
            long routers = model.ExpertLayers * (model.Moe?.Experts ?? 0L);
            long small = 2L * model.HiddenSize * ((2 * layers) + routers + 1);
            long padding = (((long)shard.VocabRows * tp) - model.VocabSize) * model.HiddenSize * 2 * 2;
            if (model.Mla is not null)
            {
                copies = tp;
            }

            Assert.Equal(
                copies * whole.KvBytesPerToken(KvCacheDtype.Auto), tp * shard.KvBytesPerToken(KvCacheDtype.Auto));
            double all = whole.WeightBytes + ((copies - 1) * layers * kvWeights) + ((tp - 1) * small) + padding;
            Assert.InRange(tp * shard.WeightBytes, all - 1, all + tp);
        });

    [Fact]
    public void The_stages_of_a_pipeline_hold_the_model_once() =>
        Gen.Select(Models, Gen.Int[2, 8], Gen.OneOf(1, 2, 4), Gen.Bool).Sample((model, stages, tp, tied) =>
        {
            ModelSpec spec = model with { TieWordEmbeddings = tied };
            ModelShard whole = new(spec, new Parallelism(tp));
            int pp = Math.Min(stages, model.NumHiddenLayers);
            ModelShard shard = new(spec, new Parallelism(tp, Pp: pp));

            // Tied, the table is on the first and the last GPU
            long twice = tied && pp > 1 ? 2L * model.HiddenSize * whole.VocabRows : 0;
            Assert.Equal(pp, shard.Stages.Count);
            Assert.Equal(model.NumHiddenLayers, shard.Stages.Sum(stage => stage.Layers));
            Assert.InRange(shard.WeightBytes - twice, whole.WeightBytes, whole.WeightBytes + pp);
            Assert.InRange(shard.Stages.Max(s => s.Layers) - shard.Stages.Min(s => s.Layers), 0, 1);
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

    private sealed record Setup(
        ModelSpec Model, GpuSpec Gpu, RooflineOptions Options, Parallelism Parallelism, KvCacheDtype KvDtype)
    {
        public RooflineLatency Latency() => new(Options, Model, Gpu, Parallelism, KvDtype);

        public double PhysicalSeconds(StepCase step) => Physics.Seconds(Model, Gpu, Parallelism, KvDtype, step);
    }
}
