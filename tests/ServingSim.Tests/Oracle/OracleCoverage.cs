namespace ServingSim.Tests.Oracle;

/// <summary>Which rules a run of the oracle came across, told from what its steps say.</summary>
internal sealed class OracleCoverage
{
    private readonly HashSet<OracleRule> _met = [];
    private readonly Dictionary<int, OracleRequest> _requests;
    private readonly OracleConfig _config;
    private readonly Dictionary<int, List<int>> _blocks = [];
    private readonly Dictionary<int, List<int>> _blocksLost = [];
    private readonly Dictionary<int, int> _chunks = [];
    private readonly Dictionary<int, int> _filled = [];
    private readonly HashSet<int> _decoding = [];
    private OracleStep? _before;
    private int _step;

    private OracleCoverage(OracleScenario scenario)
    {
        _requests = scenario.Requests.ToDictionary(request => request.Id);
        _config = scenario.Config;
    }

    public static IReadOnlySet<OracleRule> Of(OracleScenario scenario, OracleEngine engine)
    {
        OracleCoverage coverage = new(scenario);
        foreach (OracleStep step in engine.Steps)
        {
            coverage.LookAt(step);
        }

        HashSet<long> ends = [.. engine.Steps.Select(step => step.End)];
        coverage.Meet(OracleRule.Eviction, engine.Evictions > 0);
        coverage.Meet(OracleRule.DuplicateBlock, engine.Duplicates > 0);
        coverage.Meet(OracleRule.RefusedPrompt, engine.Sequences.Any(s => s.IsRefused));
        coverage.Meet(
            OracleRule.EndByModelLength,
            engine.Sequences.Any(s => !s.IsRefused && s.OutputTokens < s.Request.MaxTokens));
        coverage.Meet(
            OracleRule.ArrivalAtStepEnd, engine.Sequences.Any(s => !s.IsRefused && ends.Contains(s.Request.Arrival)));
        return coverage._met;
    }

    private void LookAt(OracleStep step)
    {
        _step = step.Index;
        bool headBlocked = step.Waiting.Count > 1;
        Meet(OracleRule.HeadBlockedByBlocks, headBlocked && step.Stop == OracleStop.Blocks);
        Meet(OracleRule.HeadBlockedBySeqs, headBlocked && step.Stop == OracleStop.Seqs);
        Meet(OracleRule.HeadBlockedByUnsplitPrompt, headBlocked && step.Stop == OracleStop.UnsplitPrompt);
        Meet(OracleRule.StepWithoutTokens, step.Scheduled.Count == 0);
        LookAtPreemptions(step);
        LookAtQueue(step);
        LookAtOrder(step);
        foreach (OracleScheduled part in step.Scheduled)
        {
            LookAt(part, step);
        }

        _decoding.UnionWith(step.Sampled);
        step.Finished.ForEach(Forget);
        _before = step;
    }

    private void LookAtPreemptions(OracleStep step)
    {
        Meet(OracleRule.Preemption, step.Preempted.Count > 0);
        Meet(OracleRule.SeveralVictimsInOneStep, step.Preempted.Count > 1);
        if (step.PreemptsItself is { } self)
        {
            Meet(_decoding.Contains(self) ? OracleRule.DecodePreemptsItself : OracleRule.PartialPrefillPreemptsItself);
        }

        foreach (int victim in step.Preempted)
        {
            _blocksLost[victim] = _blocks[victim];
            Forget(victim);
        }
    }

    private void LookAtQueue(OracleStep step)
    {
        int? blocked = _before is { Stop: OracleStop.Blocks } ? _before.Waiting[0] : null;
        List<int> admitted = [.. step.Admitted.Select(a => a.Request)];
        foreach (int request in admitted)
        {
            Meet(
                OracleRule.AdmissionBeforeEarlierArrival,
                step.Waiting.Any(other => _requests[other].Arrival < _requests[request].Arrival));
            Meet(
                OracleRule.NewcomerPassesBlockedHead,
                blocked is { } head && step.Waiting.Contains(head) && !_before!.Waiting.Contains(request));
        }

        Meet(
            OracleRule.PreemptedWaitsBehindAnother,
            step.Preempted.Count > 0 && !step.Preempted.Contains(step.Waiting[0]));
        foreach ((OracleRequest a, OracleRequest b) in step.Waiting.Zip(
            step.Waiting.Skip(1), (a, b) => (_requests[a], _requests[b])))
        {
            bool equal = _config.Policy is OraclePolicy.ShortestFirst or OraclePolicy.LongestFirst
                && a.LengthBy(_config.Length) == b.LengthBy(_config.Length);
            Meet(OracleRule.EqualLengthsWaitByArrival, equal && a.Arrival != b.Arrival);
            Meet(OracleRule.EqualLengthsWaitByNumber, equal && a.Arrival == b.Arrival);
        }
    }

    private void LookAtOrder(OracleStep step)
    {
        HashSet<int> scheduled = [.. step.Scheduled.Select(part => part.Request)];
        bool behindPartial = false;
        foreach (int running in step.Running)
        {
            bool decodes = _decoding.Contains(running);
            Meet(OracleRule.DecodeBehindPartialPrefill, decodes && behindPartial);
            Meet(OracleRule.DecodeMissesStep, decodes && !scheduled.Contains(running));
            behindPartial |= !decodes;
        }
    }

    private void LookAt(OracleScheduled part, OracleStep step)
    {
        List<int> blocks = _blocks.TryGetValue(part.Request, out List<int>? held) ? held : [];
        if (step.Admitted.FirstOrDefault(a => a.Request == part.Request) is { HitTokens: > 0 } admission)
        {
            LookAtHit(admission, [.. part.NewBlocks.Take(admission.HitTokens / _config.BlockSize)]);
        }

        blocks.AddRange(part.NewBlocks);
        _blocks[part.Request] = blocks;
        int filled = (part.ContextBefore + part.Tokens) / _config.BlockSize;
        for (int i = part.ContextBefore / _config.BlockSize; i < filled; i++)
        {
            _filled[blocks[i]] = _step;
        }

        int chunks = _decoding.Contains(part.Request) ? 0 : _chunks.GetValueOrDefault(part.Request) + 1;
        _chunks[part.Request] = chunks;
        Meet(OracleRule.PromptInThreeChunks, chunks >= 3);
    }

    private void LookAtHit(OracleAdmitted admission, List<int> hits)
    {
        OracleRequest request = _requests[admission.Request];
        Meet(OracleRule.PrefixHit);
        Meet(OracleRule.HitUnderSalt, request.CacheSalt is not null);
        Meet(OracleRule.HitOfAllButTheLastBlock, admission.HitTokens + _config.BlockSize == admission.KnownTokens);
        Meet(OracleRule.HitOnUsedBlock, _blocks.Values.Any(held => held.Intersect(hits).Any()));
        Meet(OracleRule.HitInSameStep, hits.Any(hit => _filled.GetValueOrDefault(hit, -1) == _step));
        Meet(
            OracleRule.ResumeHitsOwnBlocks,
            admission.IsResumed && _blocksLost[admission.Request].Intersect(hits).Any());
        int before = 0;
        foreach (OracleSegment segment in request.Prompt)
        {
            bool runs = _decoding.Any(other => segment.Stream == _requests[other].OutputStream);
            Meet(OracleRule.HitOnOutputOfRunningRequest, runs && admission.HitTokens > before);
            before += segment.Tokens;
        }
    }

    /// <summary>The request holds no blocks any more.</summary>
    private void Forget(int request)
    {
        _blocks.Remove(request);
        _chunks.Remove(request);
        _decoding.Remove(request);
    }

    private void Meet(OracleRule rule, bool isMet = true)
    {
        if (isMet)
        {
            _met.Add(rule);
        }
    }
}
