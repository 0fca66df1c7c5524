using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a step means for its requests: tokens, their gaps, who decodes from now on, who is finished (vLLM V1
/// update_from_output).
/// </summary>
internal sealed class StepOutcome(Replica replica, IReplicaObserver observer)
{
    private static readonly Comparison<Request> InOrderOfAdmission =
        (a, b) => a.AdmissionOrdinal.CompareTo(b.AdmissionOrdinal);

    private readonly int[] _gapsByClass = new int[ItlClass.Limit];
    private readonly List<Request> _lagging = [];
    private readonly List<Request> _withUnforeseenEnds = [];

    /// <summary>
    /// Whether the next steps may not be like this one though its plan is: a decoding request missed the last step, or
    /// one may end without notice.
    /// </summary>
    internal bool HoldsSurprises => _withUnforeseenEnds.Count > 0 || _lagging.Exists(r => r.Lags);

    /// <summary>A request that ends at a token which nobody can foresee is queued.</summary>
    internal void Watch(Request request) => _withUnforeseenEnds.Add(request);

    /// <summary>A request leaves unfinished.</summary>
    internal void Forget(Request request) => _withUnforeseenEnds.Remove(request);

    /// <summary>Tells of the tokens of steps in which the whole cohort decoded and nobody finished.</summary>
    internal void ProcessRun(in StepTimes steps) => TellGaps(replica.State.Cohort.CountsByClass, steps);

    /// <summary>
    /// What a step in flight will bring is known but for the tokens themselves (vLLM: output placeholders), so that the
    /// next can be planned: prefills that reach their last known token decode, and who gets his last token is left out.
    /// </summary>
    internal void Foresee(StepPlan plan)
    {
        ReplicaState state = replica.State;
        if (plan.DecodesWholeCohort)
        {
            plan.CountDecodes(state.Cohort);
        }

        plan.IsForeseen = true;
        state.Cohort.CollectFinished(plan.Ending);
        foreach (PlannedPrefill prefill in plan.PrefillList)
        {
            if (!prefill.Samples)
            {
                continue;
            }

            Request request = prefill.Request;
            request.SetGenerated(request.GeneratedTokens + 1);
            if (request.GeneratedTokens == request.OutputLimit)
            {
                plan.Ending.Add(request);
            }
            else
            {
                state.StartDecoding(request);
            }
        }

        foreach (Request request in plan.Ending)
        {
            // A scheduler may have ended somebody by itself
            if (request.State != RequestState.Ending)
            {
                state.StopScheduling(request, plan.Step + 1);
            }
        }
    }

    /// <summary>A step ended, and with it the steps that it ends.</summary>
    internal void Process(StepPlan plan, in StepTimes steps)
    {
        if (!plan.IsForeseen)
        {
            Foresee(plan);
        }

        CountDecodes(plan, steps);
        foreach (PlannedPrefill prefill in plan.PrefillList)
        {
            if (prefill.Samples)
            {
                GiveToken(prefill.Request, plan.End);
            }
        }

        foreach (Request request in plan.PreemptedInFlight)
        {
            (request.LastToken, request.Lags) = (plan.End, false);
        }

        if (_withUnforeseenEnds.Count > 0)
        {
            CollectUnforeseenEnds(plan);
        }

        Release(plan);
    }

    private static StepTimes One(SimTime gap) => new(gap, 0, 1);

    private void CountDecodes(StepPlan plan, in StepTimes steps)
    {
        if (_lagging.Count > 0)
        {
            _lagging.RemoveAll(r => !r.Lags);
        }

        if (plan.DecodesWholeCohort && _lagging.Count == 0)
        {
            TellGaps(plan.DecodesByClass, steps);
            return;
        }

        Array.Clear(_gapsByClass);
        plan.DecodesByClass.CopyTo(_gapsByClass);
        foreach (Request request in plan.DecodesWholeCohort ? _lagging : plan.SingleDecodes)
        {
            _gapsByClass[request.ItlClass.Index] += plan.DecodesWholeCohort ? 0 : 1;
            if (request.Lags)
            {
                _gapsByClass[request.ItlClass.Index]--;
                observer.TokenGaps(request.ItlClass, 1, One(plan.End - request.LastToken));
                request.Lags = false;
            }
        }

        // All others got their last token when the step before ended
        TellGaps(_gapsByClass, One(steps.First));
        foreach (Request request in plan.Missed)
        {
            if (request.State == RequestState.Decoding && !request.Lags)
            {
                (request.Lags, request.LastToken) = (true, plan.End - steps.First);
                _lagging.Add(request);
            }
        }
    }

    private void TellGaps(ReadOnlySpan<int> byClass, in StepTimes steps)
    {
        for (byte index = 0; index < byClass.Length; index++)
        {
            if (byClass[index] > 0)
            {
                observer.TokenGaps(new ItlClass(index), byClass[index], steps);
            }
        }
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
            observer.TokenGaps(request.ItlClass, 1, One(at - request.LastToken));
        }

        request.LastToken = at;
    }

    /// <summary>Who got a token that ends him; a later one that is in flight already comes to nothing.</summary>
    private void CollectUnforeseenEnds(StepPlan plan)
    {
        StepPlan? inFlight = replica.State.InFlight;
        for (int i = _withUnforeseenEnds.Count - 1; i >= 0; i--)
        {
            Request request = _withUnforeseenEnds[i];
            bool wasted = request.HasTokenIn(inFlight);
            int received = request.GeneratedTokens - (wasted ? 1 : 0);
            if (received == request.StopsAfter)
            {
                _withUnforeseenEnds.RemoveAt(i);
                plan.Ending.Add(request);
                inFlight?.Drop(request);
            }
        }
    }

    private void Release(StepPlan plan)
    {
        List<Request> finished = plan.Ending;
        finished.Sort(InOrderOfAdmission);
        foreach (Request request in finished)
        {
            replica.State.Finish(request);
            request.Finished = plan.End;
            observer.Finished(replica, request);
        }
    }
}
