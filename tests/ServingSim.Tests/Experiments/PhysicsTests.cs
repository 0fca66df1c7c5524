using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Engine.Latency;
using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>
/// No step is faster than its FLOPs at the peak or its bytes at the bandwidth: of any model and GPU of the catalog, by
/// any latency model that knows the hardware, whatever numbers were fitted for it.
/// </summary>
public sealed class PhysicsTests
{
    private static readonly Gen<StepCase> LongPrompts =
        from tokens in Gen.Int[8_000, 128_000]
        from decodes in Gen.Int[0, 300]
        select new StepCase(decodes, decodes * 4000L, decodes + 1, new PrefillChunk(tokens, 0));

    private static readonly Gen<StepCase> Steps = Gen.OneOf(StepCase.Random, LongPrompts);

    private static readonly (string Name, ModelSpec Spec)[] Models = Read<ModelSpec>("models");

    private static readonly (string Name, GpuSpec Spec)[] Gpus = Read<GpuSpec>("gpus");

    /// <summary>Latency models with numbers that promise the impossible.</summary>
    public static TheoryData<string> Impossible =>
    [
        "{ name: roofline }",
        "{ name: linear, prefill: { base_ms: 0, ms_per_token: 0 }, "
            + "decode: [{ base_ms: 0, ms_per_context_token: 0, ms_per_decode: 0 }] }",
        "{ name: two-regime, prefill: { weights_ms: 0, ms_per_token: 0 }, "
            + "decode: [{ base_ms: 0, ms_per_context_token: 0, ms_per_decode: 0 }] }",
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void No_latency_model_is_faster_than_physics(string latency)
    {
        PartChoice<ILatencyModel, LatencyContext> part = Choice(latency);
        foreach ((string modelName, ModelSpec model) in Models)
        {
            foreach ((string gpuName, GpuSpec gpu) in Gpus)
            {
                foreach (int tp in new[] { 1, 2, 8 })
                {
                    Parallelism parallelism = new(tp);
                    ILatencyModel made = part.Create(new LatencyContext(model, gpu, parallelism, KvCacheDtype.Auto));
                    Steps.Sample(
                        step => Assert.True(
                            step.TimeOf(made).Device.TotalSeconds >= Seconds(model, gpu, tp, step) * (1 - 1e-9),
                            $"{modelName} on {tp} x {gpuName}: {step}"),
                        iter: 20);
                }
            }
        }
    }

    [Fact]
    public void No_latency_file_is_faster_than_physics() =>
        Assert.All(Catalog.Default.FilesIn("latency"), name =>
        {
            LatencyFile file = Catalog.Default.ReadLatencyFile(name);
            GpuSpec gpu = Gpus.Single(g => g.Name == file.Gpu).Spec;
            Assert.All(Models.Where(m => file.Model is null || m.Name == file.Model), model =>
            {
                int tp = file.Tp ?? 8;
                ILatencyModel made = file.Latency.Create(
                    new LatencyContext(model.Spec, gpu, new Parallelism(tp), KvCacheDtype.Auto));
                Steps.Sample(step => Assert.True(
                    step.TimeOf(made).Device.TotalSeconds >= Seconds(model.Spec, gpu, tp, step) * (1 - 1e-9),
                    $"{name} {model.Name}: {step}"));
            });
        });

    /// <summary>What one GPU must compute and read at the very least: weights once, each token's KV once.</summary>
    private static double Seconds(ModelSpec m, GpuSpec gpu, int tp, StepCase step)
    {
        double tokens = step.Decodes + step.Prefills.Sum(chunk => chunk.Tokens);
        double pairs = step.Context + step.Prefills.Sum(
            chunk => chunk.Tokens * (chunk.ContextBefore + ((chunk.Tokens + 1) / 2.0)));
        double kvTokens = step.Context + step.Prefills.Sum(chunk => (double)chunk.ContextBefore + chunk.Tokens);
        double width = m.IntermediateSize ?? (m.Moe!.ExpertsPerToken * (double)m.Moe.ExpertIntermediateSize);
        double matrices = m.NumHiddenLayers * (double)m.HiddenSize
            * ((2.0 * m.HeadSize * (m.NumAttentionHeads + m.NumKeyValueHeads)) + (m.FfnMatrices * width));
        double lmHead = step.Sampled > 0 ? (double)m.HiddenSize * m.VocabSize : 0;
        double attention = 4.0 * m.NumHiddenLayers * m.NumAttentionHeads * m.HeadSize * pairs;
        double compute = (2 * tokens * matrices / gpu.FlopsPerS(m.WeightDtype))
            + ((attention + (2 * step.Sampled * lmHead)) / (gpu.Bf16Tflops * 1e12));
        double kv = kvTokens * 2.0 * 2 * m.NumKeyValueHeads * m.HeadSize * m.NumHiddenLayers;
        double bytes = (tokens > 0 ? matrices * m.BytesPerWeight : 0) + (2 * lmHead) + kv;
        return Math.Max(compute, bytes / (gpu.HbmGbPerS * 1e9)) / tp;
    }

    private static PartChoice<ILatencyModel, LatencyContext> Choice(string latency) => ScenarioFile.Parse<LatencyFile>(
        "schema: 1\ngpu: any\nengine: any\nversion: any\nsource: any\nlicence: any\nlatency: " + latency,
        "x.yaml", [], Catalog.Default).Latency;

    private static (string Name, T Spec)[] Read<T>(string folder)
        where T : class =>
    [
        .. Catalog.Default.FilesIn(folder).Select(name => (name, ScenarioFile.Read<T>(
            Path.Combine(SharedData.Root, "configs", folder, name + ".yaml"), [], Catalog.Default))),
    ];
}
