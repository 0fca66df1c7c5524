using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a step that ended means for its requests: tokens, their gaps, who decodes from now on, who is finished
/// (vLLM V1 update_from_output).
/// </summary>
internal sealed class StepOutcome(Replica replica, IReplicaObserver observer)
{
    private static readonly Comparison<Request> InOrderOfAdmission =
        (a, b) => a.AdmissionOrdinal.CompareTo(b.AdmissionOrdinal);

    private readonly int[] _gapsByClass = new int[ItlClass.Limit];
    private readonly List<Request> _finished = [];
    private readonly List<Request> _lagging = [];

    /// <summary>Whether some decoding request missed the last step.</summary>
    internal bool SomebodyLags => _lagging.Exists(r => r.Lags);

    /// <summary>Tells of the tokens of steps in which the whole cohort decoded and nobody finished.</summary>
    internal void ProcessRun(in StepTimes steps)
    {
        ReadOnlySpan<int> counts = replica.State.Cohort.CountsByClass;
        for (byte index = 0; index < counts.Length; index++)
        {
            if (counts[index] > 0)
            {
                observer.TokenGaps(new ItlClass(index), counts[index], steps);
            }
        }
    }

    /// <summary>A step ended, and with it the steps that it ends.</summary>
    internal void Process(StepPlan plan, in StepTimes steps)
    {
        CountDecodes(plan, steps);
        replica.State.Cohort.CollectFinished(_finished);
        foreach (PlannedPrefill prefill in plan.Prefills)
        {
            if (prefill.Samples)
            {
                GiveToken(prefill.Request, plan.End);
            }
        }

        Release(plan.End);
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
            ProcessRun(steps);
            return;
        }

        Array.Clear(_gapsByClass);
        if (plan.DecodesWholeCohort)
        {
            replica.State.Cohort.CountsByClass.CopyTo(_gapsByClass);
        }

        foreach (Request request in plan.SingleDecodes)
        {
            _gapsByClass[request.ItlClass.Index]++;
        }

        foreach (Request request in _lagging)
        {
            if (plan.TokensOf(request) > 0)
            {
                _gapsByClass[request.ItlClass.Index]--;
                observer.TokenGaps(request.ItlClass, 1, One(plan.End - request.LastToken));
                request.Lags = false;
            }
        }

        // All others got their last token when the step before ended, which is when this one started
        for (byte index = 0; index < ItlClass.Limit; index++)
        {
            if (_gapsByClass[index] > 0)
            {
                observer.TokenGaps(new ItlClass(index), _gapsByClass[index], One(plan.End - plan.Start));
            }
        }

        if (!plan.DecodesWholeCohort)
        {
            MarkLagging(plan);
        }
    }

    /// <summary>
    /// Remembers when those who missed the step got their last token; the one place that costs O(batch).
    /// </summary>
    private void MarkLagging(StepPlan plan)
    {
        for (Request? request = replica.State.FirstRunning; request is not null; request = request.NextRunning)
        {
            if (request.State == RequestState.Decoding && !request.Lags && plan.TokensOf(request) == 0)
            {
                (request.Lags, request.LastToken) = (true, plan.Start);
                _lagging.Add(request);
            }
        }
    }

    private void GiveToken(Request request, SimTime at)
    {
        request.SetGenerated(request.GeneratedTokens + 1);
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
        if (request.GeneratedTokens == request.OutputLimit)
        {
            _finished.Add(request);
        }
        else
        {
            replica.State.StartDecoding(request);
        }
    }

    private void Release(SimTime at)
    {
        _finished.Sort(InOrderOfAdmission);
        foreach (Request request in _finished)
        {
            replica.State.Finish(request);
            request.Finished = at;
            observer.Finished(replica, request);
        }

        _finished.Clear();
    }
}
