using CsCheck;

namespace ServingSim.Tests.Oracle;

/// <summary>A small random workload on one or more small replicas, for comparing engines.</summary>
internal sealed record OracleScenario(
    OracleConfig Config, IReadOnlyList<OracleRequest> Requests, AffineLatency Latency, int Replicas)
{
    /// <summary>Tiny block pools, coefficients that make events tie, shared prefixes, quoted outputs.</summary>
    public static Gen<OracleScenario> Any { get; } =
        from blockSize in Gen.Int[1, 6]
        from usable in Gen.Int[2, 30]
        from lengthCut in Gen.Int[0, 40]
        from maxNumSeqs in Gen.Int[1, 8]
        from chunked in Gen.Bool
        from extraBudget in Gen.Int[0, 40]
        from threshold in Gen.OneOf(Gen.Const(0), Gen.Int[1, 20])
        from caching in Gen.Bool
        from latency in AnyLatency
        from replicas in Gen.OneOf(Gen.Const(1), Gen.Int[1, 3])
        let maxModelLen = Math.Max(2, Math.Min(usable * blockSize, 60) - lengthCut)
        where maxModelLen <= usable * blockSize
        from requests in AnyRequest(maxModelLen).List[1, 30]
        from salts in Gen.OneOf(Gen.Const(1), Gen.Int[2, 3])
        select new OracleScenario(
            new OracleConfig
            {
                NumGpuBlocks = usable + 1,
                BlockSize = blockSize,
                MaxNumBatchedTokens = (chunked ? maxNumSeqs : Math.Max(maxNumSeqs, maxModelLen)) + extraBudget,
                MaxNumSeqs = maxNumSeqs,
                MaxModelLen = maxModelLen,
                LongPrefillTokenThreshold = threshold,
                EnableChunkedPrefill = chunked,
                EnablePrefixCaching = caching,
            },
            InOrder(requests, salts),
            latency,
            replicas);

    /// <summary>
    /// The same under both profiles and all policies, with predictions of which a third are right. By priority arrivals
    /// differ, for two equal requests could preempt each other for ever.
    /// </summary>
    public static Gen<OracleScenario> AnyProfile { get; } =
        from scenario in Any
        from profile in Gen.Enum<OracleProfile>()
        from policy in Gen.Frequency(
            (1, Gen.Const(OraclePolicy.Fcfs)),
            (3, Gen.Const(OraclePolicy.Priority)),
            (2, Gen.Const(OraclePolicy.ShortestFirst)),
            (2, Gen.Const(OraclePolicy.LongestFirst)))
        from length in Gen.Enum<OracleLength>()
        from apart in policy == OraclePolicy.Priority ? Gen.Const(true) : Gen.Bool
        from reserve in Gen.Bool
        from watermark in Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.5])
        from priorities in Gen.Int[0, 3].Array[30]
        from predictions in Gen.OneOf(Gen.Const(0), Gen.Int[1, 3], Gen.Int[1, 60]).Array[30]
        let late = profile == OracleProfile.VllmV1Late
        select scenario with
        {
            Config = scenario.Config with
            {
                Profile = profile,
                Policy = policy,
                Length = length,
                ReserveFullIsl = late && reserve,
                Watermark = late ? watermark : 0,
            },
            Requests =
            [
                .. scenario.Requests.Select(r => r with
                {
                    Arrival = apart ? r.Arrival + r.Id : r.Arrival,
                    Priority = priorities[r.Id],
                    PredictedTokens = predictions[r.Id] == 0 ? r.MaxTokens : predictions[r.Id],
                }),
            ],
        };

    /// <summary>As above, two steps in flight, on hosts that are fast or slow beside their devices.</summary>
    public static Gen<OracleScenario> AnyAsync { get; } =
        from scenario in AnyProfile
        from perStep in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3], Gen.Long[0, 1000])
        from perSequence in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 2], Gen.Long[0, 100])
        select scenario with
        {
            Config = scenario.Config with { AsyncScheduling = true },
            Latency = scenario.Latency with { HostStep = perStep, HostSequence = perSequence },
        };

    /// <summary>As above, in pipelines of two to four stages, a step in each.</summary>
    public static Gen<OracleScenario> AnyPipeline { get; } =
        from scenario in AnyAsync
        from stages in Gen.Select(Gen.Long[1, 5], Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3])).Array[2, 4]
        select scenario with
        {
            Config = scenario.Config with
            {
                AsyncScheduling = false,
                Stages = [.. stages.Select(stage => new OracleStage(stage.Item1, stage.Item2))],
            },
        };

    private static Gen<AffineLatency> AnyLatency => Gen.OneOf(
        Gen.Select(Gen.Long[0, 2], Gen.Long[0, 1], Gen.Long[0, 1], Gen.Long[0, 1], Gen.Long[0, 1]),
        Gen.Select(Gen.Long[1, 1000], Gen.Long[0, 100], Gen.Long[0, 100], Gen.Long[0, 20], Gen.Long[0, 50]))
        .Select(Gen.OneOf(Gen.Const(long.MaxValue), Gen.Long[0, 60]))
        .Select((t, knee) => new AffineLatency(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5, knee));

    private static Gen<(int Gap, int Own, int Shared, int Group, int Quoted, int QuotedTokens, int Output)> AnyRequest(
        int maxModelLen) => Gen.Select(
            Gen.OneOf(Gen.Int[0, 3], Gen.Int[0, 60]),
            Gen.Int[0, maxModelLen / 2],
            Gen.OneOf(Gen.Const(0), Gen.Int[1, maxModelLen]),
            Gen.Int[0, 2],
            Gen.OneOf(Gen.Int[1, 4], Gen.Int[1, 30]),
            Gen.OneOf(Gen.Const(0), Gen.Int[1, 12], Gen.Int[1, 40]),
            Gen.OneOf(Gen.Int[1, 3], Gen.Int[1, 40]));

    private static List<OracleRequest> InOrder(
        List<(int Gap, int Own, int Shared, int Group, int Quoted, int QuotedTokens, int Output)> drawn, int salts)
    {
        List<OracleRequest> requests = [];
        long now = 0;
        foreach (var r in drawn)
        {
            int id = requests.Count;
            now += r.Gap;
            List<OracleSegment> prompt = [];
            if (r.QuotedTokens > 0 && r.Quoted <= id)
            {
                // A later turn: the other request's prompt and the beginning of its output
                OracleRequest quoted = requests[id - r.Quoted];
                prompt.AddRange(quoted.Prompt);
                prompt.Add(new OracleSegment(quoted.OutputStream, r.QuotedTokens));
            }
            else if (r.Shared > 0)
            {
                // The same tokens may stand behind another beginning
                if (r.Quoted % 4 == 0)
                {
                    prompt.Add(new OracleSegment($"sh{(r.Group + 1) % 3}", r.QuotedTokens + r.Quoted));
                }

                prompt.Add(new OracleSegment($"sh{r.Group}", r.Shared));
            }

            if (r.Own > 0 || prompt.Count == 0)
            {
                prompt.Add(new OracleSegment($"own{id}", Math.Max(1, r.Own)));
            }

            // Those without a salt share with one another, too
            string? salt = id % salts == 0 ? null : $"{id % salts}";
            requests.Add(new OracleRequest(id, prompt, r.Output, now) { CacheSalt = salt });
        }

        return requests;
    }

    public override string ToString() =>
        $"{Config} {Latency} x{Replicas} {string.Join(' ', Config.Stages)}\n" + string.Join('\n', Requests.Select(r =>
            $"  {r.Id} at {r.Arrival}: {string.Join(' ', r.Prompt.Select(p => $"{p.Stream}:{p.Tokens}"))} "
            + $"-> {r.MaxTokens} ~{r.PredictedTokens} P{r.Priority}"
            + (r.CacheSalt is { } salt ? $" under {salt}" : "")));
}
