using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>Clients that give up: a replica drops their requests exactly when the oracle does.</summary>
public sealed class OracleAbortTests
{
    /// <summary>For each request of a scenario, after how many ticks its client gives up; 0: never.</summary>
    private static readonly Gen<int[]> AnyPatience =
        Gen.OneOf(Gen.Const(0), Gen.Int[1, 20], Gen.Int[1, 400], Gen.Int[1, 4000]).Array[30];

    [Fact]
    public void Aborts_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyProfile, AnyPatience, Gen.OneOf(Gen.Const(1), Gen.Const(int.MaxValue))).Sample(
            Compare, iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Aborts_equal_the_oracle_with_two_steps_in_flight() =>
        Gen.Select(OracleScenario.AnyAsync, AnyPatience, Gen.OneOf(Gen.Const(1), Gen.Const(int.MaxValue))).Sample(
            Compare, iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Aborts_equal_the_oracle_in_pipelines() =>
        Gen.Select(OracleScenario.AnyPipeline, AnyPatience, Gen.OneOf(Gen.Const(1), Gen.Const(int.MaxValue))).Sample(
            Compare, iter: OracleComparisonTests.Iterations(10_000));

    /// <summary>Aborts of requests that wait, prefill, decode and are about to end, in one step or in a run.</summary>
    [Fact]
    public void The_random_scenarios_drop_requests_in_every_state()
    {
        PCG luck = new(1, 3);
        HashSet<RequestState> met = [];
        for (int i = 0; i < 400; i++)
        {
            OracleScenario scenario = OracleScenario.AnyAsync.Generate(luck, null, out _);
            (List<Request> requests, List<(long, Request)> aborts) =
                RequestsOf(scenario, AnyPatience.Generate(luck, null, out _));
            ReplicaRun run = ReplicaRun.Of(
                ClusterRun.PoolOf("main", scenario.Config, scenario.Latency, 1).MakeParts(),
                requests,
                aborts,
                request => met.Add(request.State));
        }

        Assert.Equal(
            [RequestState.Waiting, RequestState.Prefilling, RequestState.Decoding, RequestState.Ending],
            met.Order());
    }

    private static void Compare(OracleScenario scenario, int[] patience, int maxRunSteps)
    {
        (List<Request> requests, List<(long Tick, Request Request)> aborts) = RequestsOf(scenario, patience);
        OracleEngine oracle = OracleComparisonTests.OracleOf(
            scenario.Config,
            scenario.Latency,
            [.. scenario.Requests.Where(r => r.PromptTokens < scenario.Config.MaxModelLen)],
            [.. aborts.Select(abort => (abort.Tick, (int)abort.Request.Id.Client))]);
        ReplicaRun run = ReplicaRun.Of(
            ClusterRun.PoolOf("main", scenario.Config, scenario.Latency, 1, maxRunSteps).MakeParts(),
            requests,
            aborts);
        if (maxRunSteps == 1)
        {
            Assert.Equal(oracle.Steps.Select(Text), run.Steps.Select(Text));
        }

        Assert.Equal(
            oracle.Sequences.Select(s => (s.Id, s.FirstTokenTime, s.FinishTime, s.OutputTokens, s.IsDropped)),
            requests.OrderBy(r => r.Id.Client).Select(r => (
                (int)r.Id.Client,
                r.FirstToken?.Ticks,
                r.Finished?.Ticks,
                r.GeneratedTokens,
                r.State == RequestState.Dropped)));
        Assert.Equal(OracleTotals.Of(oracle), OracleTotals.Of(run.Replica));
        SortedDictionary<(int Class, long Ticks), long> gaps = [];
        foreach (OracleSequence sequence in oracle.Sequences)
        {
            foreach (long ticks in sequence.InterTokenTimes)
            {
                (int, long) gap = (ClusterRun.ClassOf(sequence.Id).Index, ticks);
                gaps[gap] = gaps.GetValueOrDefault(gap) + 1;
            }
        }

        Assert.Equal(gaps, run.Observer.Gaps);
        Assert.True(run.Replica.IsIdle && run.Replica.State.Kv.UsedBlocks == 0);
    }

    private static string Text(OracleStep step) => string.Join(
        " | ",
        step.Start,
        step.Processed,
        RecordingObserver.Text(step.Scheduled.Select(s => (s.Request, s.Tokens))),
        RecordingObserver.Text(step.Preempted),
        RecordingObserver.Text(step.Admitted.Select(a => (a.Request, a.HitTokens))),
        RecordingObserver.Text(step.Running),
        RecordingObserver.Text(step.Waiting),
        RecordingObserver.Text(step.Finished),
        step.FreeBlocks,
        step.FreeBlocksAfter);

    private static string Text(RecordedStep step) => string.Join(
        " | ",
        step.Start,
        step.Ended,
        step.Scheduled,
        step.Preempted,
        step.Admitted,
        step.Running,
        step.Waiting,
        step.Finished,
        step.FreeBlocks,
        step.FreeBlocksAfter);

    private static (List<Request> Requests, List<(long Tick, Request Request)> Aborts) RequestsOf(
        OracleScenario scenario, int[] patience)
    {
        List<Request> requests = [];
        List<(long Tick, Request Request)> aborts = [];
        foreach (OracleRequest asked in scenario.Requests.Where(r => r.PromptTokens < scenario.Config.MaxModelLen))
        {
            ClientRequest client = ClusterRun.ClientOf(asked, Labels.None);
            Request request = new(new RequestId(asked.Id, 0), client.Prompt, client.Output, client.Arrival)
            {
                Priority = asked.Priority,
                PredictedOutputTokens = asked.PredictedTokens,
                ItlClass = ClusterRun.ClassOf(asked.Id),
            };
            requests.Add(request);
            if (patience[asked.Id] > 0)
            {
                aborts.Add((asked.Arrival + patience[asked.Id], request));
            }
        }

        return (requests, aborts);
    }
}
