using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;
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

    /// <summary>Two layers on two stages: the second also has the LM head, the first the transfer.</summary>
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 8)]
    [InlineData(100, 0, 1)]
    public void A_stage_takes_what_its_own_layers_take_the_last_the_LM_head_and_the_others_the_transfer(
        int window, int dense, int ep)
    {
        ModelSpec layer = new(4096, 1, 32, 8, 128_000, 4096, dense == 1 ? null : 14336)
        {
            Moe = dense == 1 ? new MoeSpec(8, 2, 14336) : null,
            SlidingWindow = window == 0 ? null : new SlidingWindow(window, 1),
        };
        ModelSpec firstLayer = dense == 1 ? layer with { Moe = null, IntermediateSize = 14336 } : layer;
        ModelSpec model = layer with
        {
            NumHiddenLayers = 2,
            IntermediateSize = 14336,
            Moe = layer.Moe is { } moe ? moe with { FirstDenseLayers = 1 } : null,
            SlidingWindow = layer.SlidingWindow is { } each ? each with { Layers = 2 } : null,
        };
        GpuSpec gpu = new("any", 80, 3350, 989, 700, 50, 3, LinkGpus: 16);
        Parallelism parallelism = new(8, 1, ep);
        StepCase step = new(64, 64_000, 65, new PrefillChunk(500, 0));
        long[] shares = new long[2];
        new RooflineStages(RooflineOptions.Ideal, model, gpu, parallelism with { Pp = 2 }, KvCacheDtype.Auto)
            .Of(new StepShape(step.Prefills, step.Decodes, step.Context, step.Sampled), shares);

        // Two tensors of 564 tokens at 50 GB/s after 3 µs, in ns
        const double transfer = 3000 + (2 * 2 * 4096 * 564 / 50.0);
        StepCase unsampled = step with { Sampled = 0 };
        Assert.Equal(NsOf(firstLayer, new Parallelism(8), unsampled) + transfer, shares[0], 2.0);
        Assert.Equal(NsOf(layer, parallelism, step), shares[1], 2.0);

        double NsOf(ModelSpec of, Parallelism spread, StepCase shape) => shape.DeviceTicks(
            new RooflineLatency(RooflineOptions.Ideal, of, gpu, spread, KvCacheDtype.Auto)) / 100.0;
    }

    /// <summary>What the crash took was in the pipeline until 30.</summary>
    [Fact]
    public void After_a_crash_the_stages_are_free()
    {
        Request again = A.Request(1, prompt: 4, output: 1, at: 12);
        RunWith(
            (0, replica => replica.Enqueue(A.Request(0, prompt: 4, output: 1))),
            (10, replica => replica.Crash()),
            (12, replica => replica.Start()),
            (12, replica => replica.Enqueue(again)));
        Assert.Equal(12 + 30, again.Finished!.Value.Ticks);
    }

    [Fact]
    public void Steps_planned_after_a_change_of_latency_take_as_long_as_it_says()
    {
        Request request = A.Request(0, prompt: 4, output: 2);
        RunWith(
            (0, replica => replica.Enqueue(request)), (5, replica => replica.ChangeLatency(new AffineLatency(60))));
        Assert.Equal(30 + 60, request.Finished!.Value.Ticks);
    }

    private static ReplicaRun Run(long[] stages, long host, params Request[] requests) =>
        ReplicaRun.Of(Parts(stages, host), requests);

    private static ReplicaParts Parts(long[] stages, long host) =>
        A.Parts(Config with { PipelineStages = stages.Length }, new AffineLatency(30, HostStep: host)) with
        {
            Stages = new AffineStages([.. stages.Select(stage => new OracleStage(stage, 0))]),
        };

    /// <summary>Two stages of 15 ticks, and what is done to the replica, when.</summary>
    private static void RunWith(params (long Tick, Action<Replica> Act)[] acts)
    {
        Simulation simulation = new();
        Replica replica = new(simulation, "main/0", Parts([15, 15], 0), new RecordingObserver());
        EventSource world = simulation.AddSource("world");
        foreach ((long tick, Action<Replica> act) in acts)
        {
            simulation.Schedule(new SimEvent(world, Phase.Arrival, () => act(replica)), new SimTime(tick));
        }

        while (simulation.Step())
        {
        }
    }
}
