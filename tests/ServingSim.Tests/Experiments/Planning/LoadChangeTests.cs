using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Tests.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class LoadChangeTests
{
    private static readonly LoadChange Load = new(Catalog.Default);

    public static TheoryData<string> Processes => new(
        "{ name: poisson, rate_per_s: 4 }",
        "{ name: gamma, rate_per_s: 4, shape: 0.5 }",
        "{ name: weibull, rate_per_s: 4, shape: 0.7 }",
        "{ name: constant, rate_per_s: 4 }",
        "{ name: on-off, batch_requests: 5, batch_rate_per_s: 20, off_mean: 1s }");

    /// <summary>Also parts of an assembly that adds some could be changed, but all of ours must be.</summary>
    [Fact]
    public void Every_arrival_process_can_be_changed() => Assert.All(
        Catalog.Default.Arrivals.Parts,
        p => Assert.True(p.OptionsType!.IsAssignableTo(typeof(IArrivalOptions)), p.Name));

    /// <summary>Draws are keyed by the request, so that its gap is the same but for the factor.</summary>
    [Theory]
    [MemberData(nameof(Processes))]
    public void Twice_the_load_has_the_same_gaps_halved(string arrivals)
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 200, $"workload.arrivals={arrivals}");
        (double[] slow, double[] fast) = (Arrivals(scenario), Arrivals(Load.Times(scenario, 2)));
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First / 2, pair.Second, 1e-9));
    }

    [Theory]
    [InlineData("{ name: ramp, start_rate_per_s: 2, end_rate_per_s: 6, ramp_time: 60s }")]
    [InlineData("{ name: spike, rate_per_s: 3, factor: 3, spike_start: 20s, spike_end: 40s }")]
    public void A_rate_that_varies_keeps_its_times(string arrivals)
    {
        LoadedScenario scenario = Sample.ConstantService(
            0.5, 100_000, $"workload.arrivals={arrivals}", "requests=~", "duration=60s");
        (double[] slow, double[] fast) = (Arrivals(scenario), Arrivals(Load.Times(scenario, 3)));
        foreach (double middle in new[] { 20, 30, 40 })
        {
            double share = slow.Count(t => t < middle) / (double)slow.Length;
            Assert.Equal(share, fast.Count(t => t < middle) / (double)fast.Length, 0.1);
        }

        Assert.Equal(3.0, (double)fast.Length / slow.Length, 0.6);
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void Burstier_arrivals_have_the_same_rate_and_gaps_that_vary_more(string arrivals)
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 20_000, $"workload.arrivals={arrivals}");
        (double[] before, double[] after) = (Arrivals(scenario), Arrivals(Load.Burstier(scenario)));
        Assert.Equal(1.0, after[^1] / before[^1], 0.12);
        (double was, double isNow) = (SquaredVariation(before), SquaredVariation(after));
        Assert.True(isNow > (1.4 * was) + 0.4, $"{was} -> {isNow}");
    }

    [Fact]
    public void Longer_outputs_leave_arrivals_and_prompts_as_they_are()
    {
        LoadedScenario scenario = LoadedScenario.Read(
            Cli.CommandRun.Scenario("quickstart"), ["requests=200", "warmup=0s"], Catalog.Default);
        RunFigures before = Replications.RunOne(scenario, 0, default).Figures;
        RunFigures after = Replications.RunOne(Load.LongerOutputs(scenario, 1.5), 0, default).Figures;
        Assert.Equal(before["total_input_tokens"], after["total_input_tokens"]);
        Assert.Equal(1.5, after["total_output_tokens"]!.Value / before["total_output_tokens"]!.Value, 0.01);
    }

    [Fact]
    public void All_parts_of_a_mix_and_traces_are_changed()
    {
        LoadedScenario mix = LoadedScenario.Read(
            Cli.CommandRun.Scenario("two-services"), ["duration=20m"], Catalog.Default);
        double ratio = (double)Arrivals(Load.Times(mix, 2)).Length / Arrivals(mix).Length;
        Assert.Equal(2, ratio, 0.5);
        LoadedScenario trace = LoadedScenario.Parse(
            """
            schema: 1
            name: sample
            workload: { source: { name: plain-trace, path: none.csv, time_scale: 3 } }
            cluster: { pools: { main: { gpu: h100-sxm, model: llama-3.1-8b, latency: roofline } } }
            """,
            Path.Combine(SharedData.Root, "configs", "scenarios", "sample.yaml"), [], Catalog.Default);
        Assert.Contains("time_scale: 6", Load.Times(trace, 2).ToYaml(SharedData.Root));
        Assert.Throws<ScenarioException>(() => Load.Burstier(trace));
        Assert.Throws<ScenarioException>(() => Load.LongerOutputs(trace, 1.5));
        Assert.Contains(
            "out of range", Assert.Throws<ScenarioException>(() => Load.Times(trace, 1e9)).Message);
    }

    private static double[] Arrivals(LoadedScenario scenario)
    {
        using var workload = ServingSim.Experiments.Workloads.WorkloadContext.Create(scenario.Scenario, scenario.File);
        List<double> arrivals = [];
        while (workload.NextArrival is { } at)
        {
            arrivals.Add(at.TotalSeconds);
            workload.Take();
        }

        return [.. arrivals];
    }

    private static double SquaredVariation(double[] arrivals)
    {
        double[] gaps = [.. arrivals.Zip(arrivals.Skip(1), (a, b) => b - a)];
        double mean = gaps.Average();
        return gaps.Average(g => (g - mean) * (g - mean)) / (mean * mean);
    }
}
