using ServingSim.Engine;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>What an engine's profile decides where the user says nothing.</summary>
public sealed class EngineProfileTests
{
    [Theory]
    [InlineData("{ profile: vllm-v1 }", 1)]
    [InlineData("{ profile: vllm-v1-late }", 2)]
    [InlineData("{ profile: vllm-v1, async_scheduling: true }", 2)]
    [InlineData("{ profile: vllm-v1-late, async_scheduling: false }", 1)]
    public void A_profile_decides_whether_steps_are_planned_ahead(string engine, int plansInFlight) =>
        Assert.Equal(plansInFlight, Resolve(engine).MaxPlansInFlight);

    [Theory]
    [InlineData("vllm-v1", 4)]
    [InlineData("vllm-v1-late", 4)]
    [InlineData("vllm-v0, max_model_len: 4096", 1)]
    public void A_profile_decides_how_many_steps_a_pipeline_holds(string profile, int steps)
    {
        EngineConfig config = Resolve($"{{ profile: {profile} }}", "cluster.pools.main.parallelism={ pp: 4 }");
        Assert.Equal((steps, 1), (config.PipelineStages, config.MaxPlansInFlight));
    }

    [Theory]
    [InlineData(1024, 2048)]
    [InlineData(16384, 16384)]
    public void Vllm_v0_has_limits_of_its_own(int maxModelLen, int maxNumBatchedTokens)
    {
        EngineConfig config = Resolve($"{{ profile: vllm-v0, max_model_len: {maxModelLen} }}");
        Assert.Equal((256, maxNumBatchedTokens), (config.MaxNumSeqs, config.MaxNumBatchedTokens));
        Assert.False(config.EnableChunkedPrefill || config.EnablePrefixCaching || config.MaxPlansInFlight > 1);
    }

    /// <summary>The replica counts a null block, which V0 does not have.</summary>
    [Fact]
    public void All_blocks_of_vllm_v0_can_be_used() => Assert.Equal(
        1001, Resolve("{ profile: vllm-v0, num_gpu_blocks_override: 1000, max_model_len: 4096 }").NumGpuBlocks);

    [Theory]
    [InlineData("enable_prefix_caching: true", "vLLM V0 is modelled without enable_prefix_caching")]
    [InlineData("enable_chunked_prefill: true", "vLLM V0 is modelled without enable_chunked_prefill")]
    [InlineData("async_scheduling: true", "vLLM V0 has no async_scheduling")]
    [InlineData("policy: priority", "vLLM V0 is modelled without policy priority")]
    public void What_vllm_v0_is_modelled_without_is_refused(string knob, string problem)
    {
        ScenarioException error = Assert.Throws<ScenarioException>(
            () => Load($"{{ profile: vllm-v0, max_model_len: 4096, {knob} }}"));
        Assert.Contains(problem, error.Message);
    }

    private static EngineConfig Resolve(string engine, params string[] more) =>
        EngineResolution.Resolve(Load(engine, more).Scenario.Cluster.Pools["main"]);

    private static LoadedScenario Load(string engine, params string[] more) => LoadedScenario.Read(
        CommandRun.Scenario("quickstart"), [$"cluster.pools.main.engine={engine}", .. more], Catalog.Default);
}
