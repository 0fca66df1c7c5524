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
                foreach ((int tp, int pp) in new[] { (1, 1), (2, 1), (4, 1), (1, 4), (2, 3) })
                {
                    Parallelism parallelism = new(tp, Pp: pp);
                    ILatencyModel made = part.Create(new LatencyContext(model, gpu, parallelism, KvCacheDtype.Auto));
                    Steps.Sample(
                        step => Assert.True(
                            step.TimeOf(made).Device.TotalSeconds
                                >= Physics.Seconds(model, gpu, parallelism, KvCacheDtype.Auto, step) * (1 - 1e-9),
                            $"{modelName} on {tp} x {pp} x {gpuName}: {step}"),
                        iter: 20,
                        threads: 1);
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
                Parallelism parallelism = new(file.Tp ?? 4);
                ILatencyModel made = file.Latency.Create(
                    new LatencyContext(model.Spec, gpu, parallelism, KvCacheDtype.Auto));
                // Models keep what they were asked, for one thread
                Steps.Sample(
                    step => Assert.True(
                        step.TimeOf(made).Device.TotalSeconds
                            >= Physics.Seconds(model.Spec, gpu, parallelism, KvCacheDtype.Auto, step) * (1 - 1e-9),
                        $"{name} {model.Name}: {step}"),
                    threads: 1);
            });
        });

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
