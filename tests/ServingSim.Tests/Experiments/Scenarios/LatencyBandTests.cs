using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using ServingSim.Tests.Engine.Latency;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>How fast and how slow steps may really be, by what a latency model says of itself.</summary>
public sealed class LatencyBandTests : IDisposable
{
    private const string Header =
        "schema: 1\ngpu: h100-sxm\nengine: vLLM\nversion: 1\nsource: a test\nlicence: none\nlatency: roofline\n";

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_file_has_the_middle_half_of_its_residuals()
    {
        string file = _cli.File("own.yaml", Header + "residuals: { p5: -0.5, p25: -0.2, p50: 0, p75: 0.25, p95: 2 }\n");

        Assert.Equal(new LatencyBand(800_000, 1_250_000), Load(file).Latency.Band);
    }

    [Fact]
    public void The_prediction_itself_is_in_the_band_also_where_it_is_biased()
    {
        string residuals = "residuals: { p5: 0, p25: 0.1, p50: 0.2, p75: 0.25, p95: 2 }\n";

        Assert.Equal(
            new LatencyBand(800_000, 1_000_000), Load(_cli.File("own.yaml", Header + residuals)).Latency.Band);
    }

    [Fact]
    public void The_roofline_has_a_quarter_where_nothing_was_measured()
    {
        Assert.Equal(new LatencyBand(800_000, 1_333_333), Load("roofline").Latency.Band);
        Assert.Equal(new LatencyBand(800_000, 1_333_333), Load(_cli.File("own.yaml", Header)).Latency.Band);
        Assert.Equal(LatencyBand.None, Load("{ name: constant, step_ms: 3 }").Latency.Band);
    }

    [Fact]
    public void Every_fitted_file_of_the_catalogue_has_a_band_around_its_prediction()
    {
        LatencyFile[] files =
        [
            .. Directory.GetFiles(Path.Combine(SharedData.Root, "configs", "latency"), "*.yaml")
                .Select(path => ScenarioFile.Read<LatencyFile>(path, [], Catalog.Default))
                .Where(file => file.Residuals is not null),
        ];
        Assert.True(files.Length >= 10);
        Assert.All(files, file =>
        {
            LatencyBand band = new LatencyChoice(file.Latency, A.File(file)).Band;
            Assert.InRange(band.Low, 700_000, 999_999);
            Assert.InRange(band.High, 1_000_001, 1_300_000);
        });
    }

    [Fact]
    public void Residuals_that_cannot_be_are_refused()
    {
        string file = _cli.File("own.yaml", Header + "residuals: { p5: -1, p25: 0.3, p50: 0, p75: 0.1, p95: 2 }\n");
        string message = Assert.Throws<ScenarioException>(() => Load(file)).Message;

        Assert.Contains("residuals.p5: found -1, expected more than -1: no step takes no time", message);
        Assert.Contains("residuals: found -1, 0.3, 0, 0.1, 2, expected quantiles that do not fall", message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(400_000)]
    [InlineData(800_000)]
    public void No_step_however_scaled_is_faster_than_physics(int factor)
    {
        PoolSection pool = Load("roofline");
        ILatencyModel model = LatencyResolution.Resolve(
            pool with { Latency = pool.Latency with { DevicePartsPerMillion = factor } });
        StepCase.Random.Sample(step =>
        {
            double floor = Physics.Seconds(
                pool.Model.Value, pool.Gpu.Value, pool.Parallelism, KvCacheDtype.Auto, step);
            Assert.InRange(step.TimeOf(model).Device.TotalSeconds, floor * (1 - 1e-12), double.MaxValue);
        });
    }

    private static PoolSection Load(string latency) => LoadedScenario.Read(
        CommandRun.Scenario("quickstart"), ["cluster.pools.main.latency=" + latency], Catalog.Default)
        .Scenario.Cluster.Pools["main"];
}
