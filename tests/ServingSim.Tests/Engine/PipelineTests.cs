using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Latency;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>
/// Timelines of pipelines, drawn by hand: numbers are those of the steps, each of 30 ticks on all stages together. A
/// step holds four tokens of prompts.
/// </summary>
public sealed class PipelineTests
{
    private static readonly EngineConfig Config =
        A.Config(numGpuBlocks: 100, blockSize: 4, maxNumBatchedTokens: 4, maxNumSeqs: 4, caching: false);

    /// <summary>
    /// <code>
    /// t   0        15        30        45        60        75        90
    /// 1   0         1         2         3         4         5
    /// 2             0         1         2         3         4         5
    /// </code>
    /// </summary>
    [Fact]
    public void Two_groups_of_requests_take_turns_on_two_stages()
    {
        ReplicaRun run = Run([15, 15], 0, A.Request(0, prompt: 4, output: 3), A.Request(1, prompt: 4, output: 3));
        Assert.Equal(["(0, 4)", "(1, 4)", "(0, 1)", "(1, 1)", "(0, 1)", "(1, 1)"], run.Steps.Select(s => s.Scheduled));
        Assert.Equal([0, 0, 30, 45, 60, 75], run.Steps.Select(s => s.Start));
        Assert.Equal([30, 45, 60, 75, 90, 105], run.Steps.Select(s => s.Ended));
    }

    /// <summary>
    /// <code>
    /// t   0   10      30      50      70
    /// 1   0   1       2       3       4
    /// 2       0------ 1------ 2------ 3------
    /// </code>
    /// </summary>
    [Fact]
    public void The_slowest_stage_sets_the_rhythm()
    {
        ReplicaRun run = Run([10, 20], 0, A.Request(0, prompt: 4, output: 3), A.Request(1, prompt: 4, output: 3));
        Assert.Equal([30, 50, 70, 90, 110, 130], run.Steps.Select(s => s.Ended));
        Assert.Equal([0, 0, 30, 50, 70, 90], run.Steps.Select(s => s.Start));
    }

    /// <summary>The second chunk enters the first stage when the first chunk leaves it, at 15.</summary>
    [Fact]
    public void The_chunks_of_a_prompt_follow_one_another_through_the_stages()
    {
        ReplicaRun run = Run([15, 15], 0, A.Request(0, prompt: 8, output: 2));
        Assert.Equal(["(0, 4)", "(0, 4)", "(0, 1)"], run.Steps.Select(s => s.Scheduled));
        Assert.Equal([30, 45, 75], run.Steps.Select(s => s.Ended));
        Assert.Equal(45, run.Observer.Finished.Single().FirstToken!.Value.Ticks);
    }

    /// <summary>The loop sleeps until 30, though the first stage is free from 15 on.</summary>
    [Fact]
    public void What_arrives_when_nothing_more_could_be_scheduled_waits_for_the_oldest_step()
    {
        ReplicaRun run = Run(
            [15, 15], 0, A.Request(0, prompt: 4, output: 2), A.Request(1, prompt: 3, output: 1, at: 5));
        Assert.Equal(["(0, 4)", "(0, 1) (1, 3)"], run.Steps.Select(s => s.Scheduled));
        Assert.Equal([0, 30], run.Steps.Select(s => s.Start));
        Assert.Equal([30, 60], run.Steps.Select(s => s.Ended));
    }

    /// <summary>
    /// <code>
    /// t   0    5   10   15   20   25                     40   45
    /// H   0    1                                         2    3
    /// 1        0----0----0  1----1----1                       2
    /// </code>
    /// A host of 5 ticks plans the second step while the first is in the first stage, and is free when it ends.
    /// </summary>
    [Fact]
    public void The_host_plans_one_step_after_the_other()
    {
        ReplicaRun run = Run([15, 15], 5, A.Request(0, prompt: 4, output: 2), A.Request(1, prompt: 4, output: 2));
        Assert.Equal([0, 5, 35, 50], run.Steps.Select(s => s.Start));
        Assert.Equal([35, 50, 70, 85], run.Steps.Select(s => s.Ended));
    }

    [Fact]
    public void Nothing_of_a_step_is_lost_between_stages_that_do_not_divide_it()
    {
        ReplicaRun run = Run([1, 1, 1, 4], 0, A.Request(0, prompt: 4, output: 5));
        Assert.Equal([30, 60, 90, 120, 150], run.Steps.Select(s => s.Ended));
    }

    [Theory]
    [InlineData(2, 1, 0)]
    [InlineData(4, 1, 0)]
    [InlineData(3, 2, 0)]
    [InlineData(2, 1, 4)]
    public void The_stages_of_a_roofline_take_as_long_as_all_layers_together(int pp, int tp, int experts)
    {
        // A small LM head, and no transfers worth naming
        ModelSpec model = new(
            4096, 33, 32, 8, 64, 4096, experts == 0 ? 14336 : null,
            experts == 0 ? null : new MoeSpec(experts, 2, 14336));
        GpuSpec gpu = new("any", 80, 3350, 989, 700, 1e9, 0);
        RooflineOptions options = RooflineOptions.Ideal;
        Parallelism parallelism = new(tp, Pp: pp);
        StepCase step = new(64, 64_000, 64, new PrefillChunk(500, 0));
        long[] shares = new long[pp];
        new RooflineStages(options, model, gpu, parallelism, KvCacheDtype.Auto)
            .Of(new StepShape(step.Prefills, step.Decodes, step.Context, step.Sampled), shares);
        double all = step.DeviceTicks(new RooflineLatency(options, model, gpu, parallelism, KvCacheDtype.Auto));

        // A tick is 10 ps
        Assert.InRange(shares.Sum() * 100.0, all * 0.995, all * 1.005);
        Assert.Equal(
            parallelism.LayersOfStages(33).Select(layers => layers / 33.0),
            shares.Select(share => (double)share / shares.Sum()),
            (expected, actual) => Math.Abs(expected - actual) < 0.005);
    }

    private static ReplicaRun Run(long[] stages, long host, params Request[] requests) => ReplicaRun.Of(
        A.Parts(Config with { PipelineStages = stages.Length }, new AffineLatency(30, HostStep: host)) with
        {
            Stages = new AffineStages([.. stages.Select(stage => new OracleStage(stage, 0))]),
        },
        requests);
}
