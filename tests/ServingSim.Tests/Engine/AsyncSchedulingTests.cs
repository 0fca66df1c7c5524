using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>
/// Timelines with two plans in flight, drawn by hand: H where the host plans, D where the device computes, numbers
/// those of the steps.
/// </summary>
public sealed class AsyncSchedulingTests
{
    private static readonly AffineLatency DeviceBound = new(10, HostStep: 2);
    private static readonly AffineLatency HostBound = new(2, HostStep: 10);

    /// <summary>
    /// <code>
    /// t   0  2        12        22        32
    /// H   0  1        2         -
    /// D      0        1         2
    /// </code>
    /// </summary>
    [Fact]
    public void A_request_that_arrives_at_an_idle_replica_waits_for_host_and_device_then_for_the_longer_of_them()
    {
        ReplicaRun run = Run(DeviceBound, A.Request(0, prompt: 5, output: 3));
        Assert.Equal([0, 2, 12], run.Steps.Take(3).Select(s => s.Start));
        Assert.Equal([12, 22, 32], run.Steps.Take(3).Select(s => s.Ended));
        Assert.Equal((12, 32), Times(run, 0));
    }

    /// <summary>
    /// <code>
    /// t   0         10        20        30        40
    /// H   0         1         2         3 (empty)
    /// D             0         1         2
    /// </code>
    /// Step 0 is done at 12, but the host hears of it at 20.
    /// </summary>
    [Fact]
    public void A_slow_host_sets_the_pace()
    {
        ReplicaRun run = Run(HostBound, A.Request(0, prompt: 5, output: 3));
        Assert.Equal([0, 10, 20, 30], run.Steps.Select(s => s.Start));
        Assert.Equal([20, 30, 40], run.Steps.Take(3).Select(s => s.Ended));
        Assert.Equal((20, 40), Times(run, 0));
    }

    /// <summary>
    /// It arrives at 5, during step 0; step 1 was planned at 2, so that it is in step 2, from 22 to 32.
    /// </summary>
    [Fact]
    public void What_arrives_during_a_step_joins_the_step_after_next()
    {
        ReplicaRun run = Run(
            DeviceBound, A.Request(0, prompt: 5, output: 5), A.Request(1, prompt: 5, output: 1, at: 5));
        Assert.Equal("(0, 1) (1, 5)", run.Steps[2].Scheduled);
        Assert.Equal((32, 32), Times(run, 1));
    }

    /// <summary>
    /// Five of the six blocks are taken when the first request ends with step 0, at 12; step 1, planned at 2, computes
    /// nothing, though it waits for 10 ticks on a device that this model keeps busy for it.
    /// </summary>
    [Fact]
    public void What_a_request_held_comes_back_a_step_later()
    {
        EngineConfig config = A.Config(numGpuBlocks: 7, blockSize: 1, caching: false) with { MaxPlansInFlight = 2 };
        ReplicaRun run = ReplicaRun.Of(
            config, DeviceBound, A.Request(0, prompt: 5, output: 1), A.Request(1, prompt: 5, output: 1));
        Assert.Equal(["(0, 5)", "", "(1, 5)", ""], run.Steps.Select(s => s.Scheduled));
        Assert.Equal(["0", "0", "1", "1"], run.Steps.Select(s => s.Running));
        Assert.Equal([0, 2, 12, 22], run.Steps.Select(s => s.Start));
        Assert.Equal((32, 32), Times(run, 1));
    }

    /// <summary>Its end at token 2, in step 1, is seen at 22, when step 2 is planned; step 3 is not.</summary>
    [Fact]
    public void An_end_that_nobody_foresees_wastes_a_decode()
    {
        Request request = new(new RequestId(0, 0), PromptContent.OwnOf(0, 5), OutputLength.Of(9), SimTime.Zero)
        {
            StopsAfter = 2,
        };
        ReplicaRun run = Run(DeviceBound, request);
        Assert.Equal(["(0, 5)", "(0, 1)", "(0, 1)"], run.Steps.Select(s => s.Scheduled));
        Assert.Equal((12, 22), Times(run, 0));
        Assert.Equal(2, run.Observer.Finished[0].GeneratedTokens);
        Assert.Equal(32, run.Steps[2].Ended);
    }

    /// <summary>From the decode of step 1 on the host plans in the device's shadow: one event ends them all.</summary>
    [Fact]
    public void Decodes_of_the_same_requests_make_a_run()
    {
        EngineConfig config = A.Config() with { MaxPlansInFlight = 2, MaxRunSteps = int.MaxValue };
        ReplicaRun run = ReplicaRun.Of(config, DeviceBound, A.Request(0, prompt: 5, output: 1000));
        Assert.InRange(run.Steps.Count, 4, 6);
        Assert.Equal((12, 12 + 9990), Times(run, 0));
    }

    /// <summary>Ends that nobody foresees, too: the oracle knows them as tokens that end a sequence.</summary>
    [Fact]
    public void Unforeseen_ends_equal_the_oracle()
    {
        Gen.Select(OracleScenario.AnyAsync, Gen.OneOf(Gen.Const(0), Gen.Int[1, 10]).Array[30]).Sample(
            (scenario, ends) =>
            {
                List<OracleRequest> requests =
                    [.. scenario.Requests
                        .Where(r => r.PromptTokens < scenario.Config.MaxModelLen)
                        .Select(r => r with { EosAt = ends[r.Id] == 0 ? null : ends[r.Id] })];
                OracleEngine oracle = OracleComparisonTests.OracleOf(scenario.Config, scenario.Latency, requests);
                ReplicaRun run = ReplicaRun.Of(
                    ClusterRun.PoolOf("main", scenario.Config, scenario.Latency, 1).MakeParts(),
                    requests.Select(RequestOf));
                Assert.Equal(
                    oracle.Sequences.Select(s => (s.Id, s.FirstTokenTime, s.FinishTime, s.OutputTokens)),
                    run.Observer.Finished.OrderBy(r => r.Id.Client).Select(r =>
                        ((int)r.Id.Client, r.FirstToken?.Ticks, r.Finished?.Ticks, r.GeneratedTokens)));
                Assert.Equal(OracleTotals.Of(oracle), OracleTotals.Of(run.Replica));
                Assert.Equal(
                    oracle.Sequences.Sum(s => (long)s.InterTokenTimes.Count()), run.Observer.Gaps.Sum(g => g.Value));
            },
            iter: OracleComparisonTests.Iterations(5_000));
    }

    private static Request RequestOf(OracleRequest request)
    {
        ClientRequest client = ClusterRun.ClientOf(request, Labels.None);
        return new Request(new RequestId(request.Id, 0), client.Prompt, client.Output, client.Arrival)
        {
            Priority = request.Priority,
            PredictedOutputTokens = request.PredictedTokens,
            StopsAfter = request.EosAt,
        };
    }

    private static ReplicaRun Run(AffineLatency latency, params IEnumerable<Request> requests) =>
        ReplicaRun.Of(A.Config() with { MaxPlansInFlight = 2 }, latency, requests);

    private static (long? First, long? Last) Times(ReplicaRun run, long id)
    {
        Request request = run.Observer.Finished.Single(r => r.Id.Client == id);
        return (request.FirstToken?.Ticks, request.Finished?.Ticks);
    }
}
