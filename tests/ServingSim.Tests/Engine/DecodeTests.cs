using CsCheck;
using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>Decoding beyond what small random scenarios reach: long outputs, steps that some miss.</summary>
public sealed class DecodeTests
{
    /// <summary>Around powers of two, at which the calendar of finishes grows.</summary>
    private static readonly Gen<int> AnyOutput =
        Gen.OneOf(Gen.Int[1, 4], Gen.Int[254, 259], Gen.Int[510, 515], Gen.Int[1, 1_200]);

    [Fact]
    public void Without_limits_a_request_takes_as_many_steps_as_it_has_outputs() =>
        Gen.Select(AnyOutput, Gen.OneOf(Gen.Const(0), Gen.Int[0, 4], Gen.Int[0, 300])).List[1, 12].Sample(
            drawn =>
            {
                long now = 0;
                List<Request> requests =
                    [.. drawn.Select((r, id) => A.Request(id, prompt: 1, output: r.Item1, at: now += r.Item2))];
                ReplicaRun.Of(A.Config(2_000, caching: false), null, requests);
                Assert.Equal(
                    requests.Select((r, id) => r.Arrival.Ticks + drawn[id].Item1),
                    requests.Select(r => r.Finished!.Value.Ticks));
            },
            iter: 60);

    /// <summary>No scheduler of today's lets a decode wait, but the contract does.</summary>
    [Fact]
    public void A_decode_that_misses_steps_is_told_its_whole_gap()
    {
        // 0 has tokens at 1, 3 and 6, the third after a preemption; 1 has tokens at 1, 2, 3 and 6
        Scripted scheduler = new([[0, 1], [1], [0, 1], [], [-1], [0, 1]]);
        Request[] requests = [A.Request(1, 4, 4), A.Request(0, 4, 3)];
        RecordingObserver observer = Run(scheduler, requests);
        Assert.Equal((6, 6), (requests[0].Finished!.Value.Ticks, requests[1].Finished!.Value.Ticks));
        Assert.Equal([((0, 1), 2), ((0, 2), 1), ((0, 3), 2)], observer.Gaps.Select(gap => (gap.Key, gap.Value)));
    }

    /// <summary>256 steps to go are as many as the calendar of finishes has places.</summary>
    [Fact]
    public void A_decode_that_misses_a_step_ends_one_step_later()
    {
        Request request = A.Request(0, 4, 257);
        Run(new Scripted([[0], [], .. Enumerable.Repeat<int[]>([0], 256)]), request);
        Assert.Equal(258, request.Finished!.Value.Ticks);
    }

    private static RecordingObserver Run(Scripted scheduler, params Request[] requests)
    {
        RecordingObserver observer = new();
        Simulation simulation = new();
        ReplicaParts parts = A.Parts(A.Config(caching: false)) with { Scheduler = scheduler };
        Replica replica = new(simulation, "main/0", parts, observer);
        Array.ForEach(requests, replica.Enqueue);
        while (simulation.Step())
        {
        }

        return observer;
    }

    /// <summary>In each step those named compute what they lack; −1 preempts request 0.</summary>
    private sealed class Scripted(int[][] script) : IScheduler
    {
        public void Schedule(ReplicaState state)
        {
            int[] named = script[state.Plan.Step];
            if (named is [-1])
            {
                state.Preempt(state.LastRunning!);
                return;
            }

            for (Request? request = state.FirstRunning; request is not null; request = request.NextRunning)
            {
                bool meant = named.Contains((int)request.Id.Client);
                Assert.True(!meant || state.TryExtend(request, request.TokensToCompute));
            }

            while (state.Waiting.Head is { } head && named.Contains((int)head.Id.Client))
            {
                Assert.True(state.TryAdmitHead(state.FindHit(head), head.KnownTokens));
            }
        }

        public bool ReactsTo(in Wake wake, ReplicaState state) => true;

        public int StableSteps(ReplicaState state) => 1;
    }
}
