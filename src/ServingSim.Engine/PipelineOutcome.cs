using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a step in a pipeline means for its requests: those of which it samples a token are planned no further until the
/// token is there. A request that is preempted meanwhile gets the token all the same (vLLM V1 since 2025-07-12, its
/// test_preempt_during_execution), while it waits.
/// </summary>
internal sealed class PipelineOutcome(Replica replica, IReplicaObserver observer)
{
    private readonly List<Request> _finished = [];

    /// <summary>A step has been dispatched.</summary>
    internal void Depart(StepPlan plan)
    {
        ReplicaState state = replica.State;
        if (plan.DecodesWholeCohort)
        {
            for (Request? request = state.FirstRunning; request is not null; request = request.NextRunning)
            {
                if (request.State == RequestState.Decoding)
                {
                    Depart(plan, request);
                }
            }
        }
        else
        {
            foreach (Request request in plan.SingleDecodes)
            {
                Depart(plan, request);
            }
        }

        foreach (PlannedPrefill prefill in plan.PrefillList)
        {
            if (prefill.Samples)
            {
                Depart(plan, prefill.Request);
            }
        }
    }

    /// <summary>A step has ended.</summary>
    internal void Arrive(StepPlan plan)
    {
        foreach (Request request in plan.Sampling)
        {
            GiveToken(request, plan.End);
            request.AwaitsToken = false;
            if (request.GeneratedTokens == request.OutputLimit || request.GeneratedTokens == request.StopsAfter)
            {
                _finished.Add(request);
            }
            else if (request.State == RequestState.InFlight)
            {
                replica.State.GoOnDecoding(request);
            }
        }

        // In running order
        _finished.Sort(static (a, b) => a.AdmissionOrdinal.CompareTo(b.AdmissionOrdinal));
        foreach (Request request in _finished)
        {
            replica.State.Finish(request);
            request.Finished = plan.End;
            observer.Finished(replica, request);
        }

        _finished.Clear();
    }

    private void Depart(StepPlan plan, Request request)
    {
        replica.State.AwaitToken(request);
        plan.Sampling.Add(request);
    }

    private void GiveToken(Request request, SimTime at)
    {
        if (request.FirstToken is null)
        {
            request.FirstToken = at;
            observer.FirstToken(replica, request);
        }
        else
        {
            observer.TokenGaps(request.ItlClass, 1, new StepTimes(at - request.LastToken, 0, 1));
        }

        // Preempted between steps, it keeps this as the time of its last token
        (request.LastToken, request.Lags) = (at, request.State == RequestState.InFlight);
    }
}
