using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// The least that a fleet has to compute so that enough requests are within their limits, whatever the fleet: those
/// that may miss them are the most work of all, and the others are done by their own deadlines. It is known where the
/// same requests come at the same times to every fleet, all of them have limits, and all are judged: of an open loop
/// that is drained, with limits for all.
/// </summary>
internal sealed class LeastDemand
{
    /// <summary>Work is looked at up to the deadlines that so many requests have passed, as shares.</summary>
    private static readonly double[] Shares = [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1];

    private readonly SloTargets _slo;
    private readonly double _target;
    private readonly double _warmupS;
    private readonly int _maxModelLen;
    private readonly List<DemandedRequest>[] _replications;
    private readonly Dictionary<(bool, int), (double PrefillTokensPerS, double DecodesPerS)> _known = [];

    private LeastDemand(Scenario scenario, double target)
    {
        (_slo, _target, _warmupS) = (scenario.Slo.Targets(), target, scenario.Warmup.TotalSeconds);
        _maxModelLen = EngineResolution.Resolve(scenario.Cluster.Pools.Values.Single()).MaxModelLen;
        _replications = [.. Enumerable.Range(0, scenario.Replications.Count).Select(_ => new List<DemandedRequest>())];
    }

    /// <summary>A demand without requests yet; null where it cannot be known.</summary>
    /// <param name="scenario">Where the requests come from, and their limits.</param>
    /// <param name="target">The share that has to be within its limits.</param>
    internal static LeastDemand? Of(Scenario scenario, double target) =>
        scenario.Slo.Targets().Overall is not null && scenario.Stop == StopRule.Drain && scenario.Workload.IsOpenLoop
            ? new LeastDemand(scenario, target)
            : null;

    /// <summary>Hears of a request of a replication, as a fleet without limits served it.</summary>
    internal void Add(int replication, RequestRecord request)
    {
        if (request.ArrivalS >= _warmupS)
        {
            _replications[replication].Add(new DemandedRequest(
                request.ArrivalS, (int)request.PromptTokens, (int)request.OutputTokens, _slo.For(request.Labels)!));
        }
    }

    /// <summary>
    /// What a fleet of such engines has to do per second, in that replication which asks for least: a mean that reaches
    /// the goal is reached in one of them.
    /// </summary>
    internal (double PrefillTokensPerS, double DecodesPerS) Of(EngineConfig engine)
    {
        var key = (engine.EnablePrefixCaching, engine.MaxModelLen);
        if (!_known.TryGetValue(key, out var demand) && KnowsOutputsOf(engine))
        {
            // Of a prompt that is cached whole, one token is computed
            demand = (
                Least(r => engine.EnablePrefixCaching ? 1 : r.PromptTokens, r => r.FirstTokenS),
                Least(r => r.DecodesOf(engine), r => r.LastTokenS));
            _known.Add(key, demand);
        }

        return demand;
    }

    /// <summary>Whether in every replication too many requests have limits that such a step alone exceeds.</summary>
    internal bool IsImpossible(double leastDecodeS, EngineConfig engine) => KnowsOutputsOf(engine)
        && _replications.All(requests =>
            requests.Count(r => r.DecodesOf(engine) > 0 && r.Target.TpotMs < leastDecodeS * 1e3)
                > Missed(requests.Count));

    // Where requests can grow longer than those that were measured, their deadlines are later
    private bool KnowsOutputsOf(EngineConfig engine) => engine.MaxModelLen <= _maxModelLen;

    private double Least(Func<DemandedRequest, long> work, Func<DemandedRequest, double> deadlineS) =>
        _replications.Min(requests => PerS(requests, work, deadlineS));

    private double PerS(
        List<DemandedRequest> requests, Func<DemandedRequest, long> work, Func<DemandedRequest, double> deadlineS)
    {
        if (requests.Count == 0)
        {
            return 0;
        }

        (double DeadlineS, long Work)[] byDeadline =
            [.. requests.Select(r => (DeadlineS: deadlineS(r), Work: work(r))).OrderBy(r => r.DeadlineS)];
        double startS = requests.Min(r => r.ArrivalS);
        return Shares.Max(share =>
        {
            int count = (int)Math.Ceiling(share * requests.Count);
            double done = byDeadline.Take(count)
                .Select(r => r.Work)
                .Order()
                .Take(Math.Max(0, count - Missed(requests.Count)))
                .Sum(w => (double)w);
            return done / (byDeadline[count - 1].DeadlineS - startS);
        });
    }

    /// <summary>How many of so many may miss their limits.</summary>
    private int Missed(int requests) => (int)Math.Floor((requests * (1 - _target)) + 1e-9);
}

/// <summary>What one request asks for.</summary>
/// <param name="ArrivalS">When it comes, in seconds.</param>
/// <param name="PromptTokens">Its prompt.</param>
/// <param name="OutputTokens">Its output.</param>
/// <param name="Target">Its limits.</param>
internal readonly record struct DemandedRequest(
    double ArrivalS, int PromptTokens, int OutputTokens, SloTarget Target)
{
    /// <summary>When its first token is due; infinite where only decodes are limited.</summary>
    internal double FirstTokenS =>
        ArrivalS + (Math.Min(Target.TtftMs ?? double.PositiveInfinity, Target.E2elMs ?? double.PositiveInfinity) / 1e3);

    /// <summary>When its last token is due; infinite where the limits leave it any time.</summary>
    internal double LastTokenS => ArrivalS + (Math.Min(
        Target.E2elMs ?? double.PositiveInfinity,
        Target is { TtftMs: { } ttft, TpotMs: { } tpot }
            ? ttft + (tpot * Math.Max(0, OutputTokens - 1))
            : double.PositiveInfinity) / 1e3);

    /// <summary>Tokens that steps decode: all but the first, as far as the engine lets a request grow.</summary>
    internal long DecodesOf(EngineConfig engine) =>
        Math.Max(0, Math.Min(OutputTokens, engine.MaxModelLen - PromptTokens) - 1);
}
