using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>
/// Holds the scheduler to its word. It asks for stable steps at every moment; a promise stands until somebody
/// finishes, is preempted, or arrives and the scheduler reacts; while it stands, each plan is one decode of the whole
/// cohort and nothing else.
/// </summary>
internal sealed class StablePromise(VllmV1LateOptions? late = null) : IRunWatcher
{
    private readonly VllmV1Scheduler _scheduler = new(late);
    private readonly Dictionary<Replica, long> _promised = [];

    /// <summary>How many plans were as promised.</summary>
    public int Kept { get; private set; }

    /// <summary>How many arrivals left a promise standing.</summary>
    public int Ignored { get; private set; }

    public void StepScheduled(Replica replica, StepPlan plan)
    {
        long promised = _promised.GetValueOrDefault(replica);
        if (promised > 0 && plan.Preempted.Count == 0)
        {
            Assert.True(
                plan.DecodesWholeCohort
                && plan.Decodes == replica.State.RunningCount
                && plan.Prefills.Count + plan.Admitted.Count == 0,
                $"step {plan.Step} is not one decode of {replica.State.RunningCount}");
            Kept++;
        }

        _promised[replica] = plan.Preempted.Count == 0 ? Math.Max(0, promised - 1) : 0;
        Ask(replica);
    }

    public void StepEnded(Replica replica, StepPlan plan) => Ask(replica);

    public void Finished(Replica replica, Request request) => _promised[replica] = 0;

    public void Arriving(Replica replica, ClientRequest client)
    {
        Request request = new(new RequestId(client.Id, 0), client.Prompt, client.Output, client.Arrival);
        if (_scheduler.ReactsTo(new Wake(WakeKind.Arrival, request), replica.State))
        {
            _promised[replica] = 0;
        }
        else if (_promised.GetValueOrDefault(replica) > 0)
        {
            Ignored++;
        }
    }

    private void Ask(Replica replica)
    {
        int steps = _scheduler.StableSteps(replica.State);
        Check.That(steps >= 1, $"{steps} stable steps");
        if (steps > 1)
        {
            Assert.Empty(replica.State.Prefilling);
            _promised[replica] = Math.Max(_promised.GetValueOrDefault(replica), steps);
        }
    }
}
