using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Auditing;

/// <summary>
/// Checks the laws that every run obeys, from what observers hear and replicas show: nothing is lost, blocks and tokens
/// add up, time goes on, and Little's law holds to the tick. A broken law throws <see cref="InvariantException"/>.
/// It costs time in proportion to the batch, so it is for tests and for doubts.
/// </summary>
public sealed class Auditor(Simulation simulation, IClusterObserver next) : IClusterObserver
{
    private readonly Dictionary<Replica, (SimTime At, bool WorkLeft)> _lastEnd = [];
    private readonly HashSet<long> _ended = [];

    /// <summary>Replicas that have taken KV from elsewhere, or kept some for others.</summary>
    private readonly HashSet<Replica> _handsOver = [];
    private Int128 _residenceTicks;
    private long _gaps;
    private long _gapsOfEnded;

    /// <inheritdoc/>
    public void StepScheduled(Replica replica, StepPlan plan)
    {
        EngineConfig config = replica.State.Config;
        (SimTime lastEnd, bool workLeft) = _lastEnd.GetValueOrDefault(replica);
        Check.That(plan.Start >= lastEnd, $"step {plan.Step} starts before the last ended");
        Check.That(
            !workLeft || plan.Start == lastEnd, $"{replica.Name} idled from {lastEnd} to {plan.Start} with work");
        Check.That(plan.End > plan.Start, $"step {plan.Step} takes no time");
        Check.That(plan.Tokens <= config.MaxNumBatchedTokens, $"step {plan.Step} computes {plan.Tokens} tokens");
        int running = replica.State.RunningCount - (plan.EndsSomebody ? replica.State.Ending : 0);
        Check.That(running <= config.MaxNumSeqs, $"{running} requests run");
        Check.That(
            plan.Tokens > 0 || plan.Preempted.Count > 0 || replica.State.Ending > 0,
            $"step {plan.Step} does nothing");
        _lastEnd[replica] = (lastEnd, false);
        CheckBlocks(replica, plan);
        next.StepScheduled(replica, plan);
    }

    /// <inheritdoc/>
    public void StepEnded(Replica replica, StepPlan plan)
    {
        Check.That(plan.End == simulation.Now, $"step {plan.Step} ends at {plan.End}, not {simulation.Now}");

        // Where KV comes from elsewhere, or is kept for others, those that wait may have to go on waiting; and with
        // several steps in flight, all that runs may be in the others
        ReplicaState state = replica.State;
        bool mayWait = _handsOver.Contains(replica)
            || state.Remote.IsExpected
            || state.Waiting.Head is { AwaitsKv: true };
        bool workLeft = mayWait || state.Config.PipelineStages > 1
            ? state.Config.MaxPlansInFlight == 1 && state.Decoding + state.Prefilling.Count > 0
            : !replica.IsIdle;
        _lastEnd[replica] = (plan.End, workLeft);
        next.StepEnded(replica, plan);
    }

    /// <inheritdoc/>
    public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps)
    {
        Check.That(count > 0 && steps.First > SimTime.Zero && steps.Count > 0, $"{count} gaps in {steps}");
        _gaps += count * steps.Count;
        next.TokenGaps(itlClass, count, steps);
    }

    /// <inheritdoc/>
    public void FirstToken(Replica replica, Request request) => next.FirstToken(replica, request);

    /// <inheritdoc/>
    public void Finished(Replica replica, Request request)
    {
        Check.That(
            request.Arrival <= request.FirstScheduled
            && (request.FirstScheduled < request.FirstToken || request.FirstToken <= request.Arrival)
            && request.FirstToken <= request.Finished
            && request.Finished == simulation.Now,
            $"request {request.Id}: {request.Arrival}, {request.FirstScheduled}, {request.FirstToken}, "
            + $"{request.Finished}");
        Check.That(request.GeneratedTokens >= 1, $"request {request.Id} finished without a token");
        if (request.KeepsKv)
        {
            _handsOver.Add(replica);
        }

        _residenceTicks += (request.Finished.Value - request.Arrival).Ticks;
        _gapsOfEnded += request.GeneratedTokens - 1;
        next.Finished(replica, request);
    }

    /// <inheritdoc/>
    public void Dropped(Replica replica, Request request)
    {
        Check.That(
            request.State == RequestState.Dropped && request.Finished is null && request.ComputedTokens == 0,
            $"request {request.Id} is dropped as {request.State} with {request.ComputedTokens} computed tokens");
        _residenceTicks += (simulation.Now - request.Arrival).Ticks;
        _gapsOfEnded += Math.Max(0, request.GeneratedTokens - 1);
        if (replica.IsIdle)
        {
            _lastEnd[replica] = _lastEnd.GetValueOrDefault(replica) with { WorkLeft = false };
        }

        next.Dropped(replica, request);
    }

    /// <inheritdoc/>
    public void KvReserved(Replica replica, Request request, int missingBlocks)
    {
        _handsOver.Add(replica);
        next.KvReserved(replica, request, missingBlocks);
    }

    /// <inheritdoc/>
    public void Ended(EndedRequest ended)
    {
        Check.That(_ended.Add(ended.Client.Id), $"request {ended.Client.Id} ended twice");
        next.Ended(ended);
    }

    /// <summary>Checks what must hold when a run is over, whether or not everything has ended.</summary>
    public void Complete(ServingCluster cluster)
    {
        long open = 0;
        foreach (OpenRequest request in cluster.Open())
        {
            Check.That(!_ended.Contains(request.Client.Id), $"request {request.Client.Id} is open and has ended");
            open++;
        }

        Check.That(
            open == cluster.OpenCount, $"{open} requests are open, {cluster.OpenCount} are counted as such");
        foreach ((Replica replica, Request request) in cluster.Replicas.SelectMany(AtReplica))
        {
            _residenceTicks += (simulation.Now - request.Arrival).Ticks;
            _gapsOfEnded += Math.Max(0, replica.TokensReceivedBy(request) - 1);
        }

        Check.That(
            cluster.Arrived == _ended.Count + open,
            $"{cluster.Arrived} arrived, {_ended.Count} ended, {open} are open");
        Check.That(_gaps == _gapsOfEnded, $"{_gaps} gaps were told, but tokens make {_gapsOfEnded}");
        CheckLittlesLaw(cluster);
    }

    /// <summary>What a replica holds, also what its clients have given up and a step still computes.</summary>
    private static IEnumerable<(Replica, Request)> AtReplica(Replica replica)
    {
        for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
        {
            yield return (replica, r);
        }

        foreach (Request request in replica.State.Remote.Loading.Concat(replica.State.Waiting.InOrder()))
        {
            yield return (replica, request);
        }
    }

    /// <summary>Time integral of the number of requests = sum of their times in the system, exactly.</summary>
    private void CheckLittlesLaw(ServingCluster cluster)
    {
        Int128 numberTicks = 0;
        foreach (Replica replica in cluster.Replicas)
        {
            replica.SettleTo(simulation.Now, simulation.Phase);
            numberTicks += replica.Statistics.RunningTicks + replica.Statistics.WaitingTicks;
        }

        Check.That(
            numberTicks == _residenceTicks, $"∫ requests dt is {numberTicks}, but they stayed {_residenceTicks} ticks");
    }

    /// <summary>Blocks follow from computed tokens; shared prefixes can only save some.</summary>
    private static void CheckBlocks(Replica replica, StepPlan plan)
    {
        long held = 0;
        long most = 0;
        long tokens = 0;
        for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
        {
            int blocks = replica.State.Kv.BlocksFor(r.ComputedTokens);
            (held, most, tokens) = (held + blocks, Math.Max(most, blocks), tokens + plan.TokensOf(r));
            Check.That(r.ComputedTokens <= r.KnownTokens, $"request {r.Id} computes {r.ComputedTokens} tokens");
        }

        foreach (Request r in replica.State.Remote.Loading.Concat(replica.State.Remote.Pinned))
        {
            int blocks = replica.State.Kv.BlocksFor(r.ComputedTokens);
            (held, most) = (held + blocks, Math.Max(most, blocks));
        }

        int used = replica.State.Kv.UsedBlocks;
        bool shares = replica.State.Config.EnablePrefixCaching;
        Check.That(
            used >= most && (shares ? used <= held : used == held), $"{used} blocks are used, requests hold {held}");
        Check.That(used + replica.State.Kv.FreeBlocks == replica.State.Kv.TotalBlocks - 1, "blocks do not add up");
        Check.That(tokens == plan.Tokens, $"the plan has {plan.Tokens} tokens, its requests {tokens}");
    }
}
