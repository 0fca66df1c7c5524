using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What can be said of the replicas that a workload needs without simulating. The throughput is that of steps all of
/// which are as full as the KV cache, <c>max_num_seqs</c> and <c>max_num_batched_tokens</c> allow and have prefills and
/// decodes in the workload's own proportion: by the latency model, whose fixed costs and weights read are spread over
/// most tokens then.
/// </summary>
/// <param name="RequestsPerS">The greatest throughput of a replica, whatever its latencies.</param>
/// <param name="RequestsPerSInSlo">That of the fullest steps that keep the strictest limit of TPOT; 0 for none.</param>
/// <param name="Batch">Decodes of such a step.</param>
/// <param name="Least">Fewer replicas cannot do the work by the time that the SLO leaves.</param>
/// <param name="Estimate">
/// Replicas with which the M/G/c queue of all replicas' batch places has requests wait too long for the limit of TTFT
/// no more often than may be; null if none would do.
/// </param>
/// <param name="Problem">Why no number of replicas can do it; null where some may.</param>
public sealed record FleetBounds(
    double RequestsPerS, double RequestsPerSInSlo, int Batch, int Least, int? Estimate, string? Problem)
{
    private const int MostReplicas = ClusterSection.MostReplicas;

    /// <summary>Requests that may miss the SLO can be those that are so many times as much work as others.</summary>
    private const double WorkOfMissed = 3;

    /// <summary>The bounds for one replica's pool.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="profile">What the workload asks for.</param>
    /// <param name="scenario">Its limits, and what happens after the last arrival.</param>
    /// <param name="target">The least share of requests that has to be within them.</param>
    internal static FleetBounds Of(PoolSection pool, WorkloadProfile profile, Scenario scenario, double target)
    {
        SloTargets slo = scenario.Slo.Targets();
        SloTarget[] limits = [.. slo.ByLabel.Select(l => l.Target), .. new[] { slo.Overall }.OfType<SloTarget>()];
        ReplicaThroughput replica = new(pool, profile);
        double? tpotMs = limits.Min(l => l.TpotMs);
        double stepMs = replica.StepMs(1, withPrefill: false);
        if (limits.All(l => l.TpotMs < stepMs) && profile.OutputTokens > 1)
        {
            string problem = FormattableString.Invariant(
                $"a step of one decode alone takes {stepMs:0.0} ms, but tpot_ms is {limits.Max(l => l.TpotMs)}");
            return new FleetBounds(0, 0, 0, 1, null, problem);
        }

        (double most, _) = replica.Best(double.PositiveInfinity);
        (double inSlo, int batch) = replica.Best(tpotMs ?? double.PositiveInfinity);
        return new FleetBounds(
            most, inSlo, batch, LeastOf(replica, profile, limits, target, scenario.Stop),
            EstimateOf(replica, profile, limits, target, inSlo, batch), null);
    }

    private static int LeastOf(
        ReplicaThroughput replica, WorkloadProfile profile, SloTarget[] limits, double target, StopRule stop)
    {
        // Where nothing limits decodes they may come later: only prompts have their time
        bool decodesCount = limits.All(l => l.TpotMs is not null || l.E2elMs is not null);
        double slackS = limits.Max(l => l.E2elMs ?? (l.TtftMs is not { } ttft ? double.PositiveInfinity
            : ttft + (decodesCount ? l.TpotMs!.Value * profile.OutputTokens : 0))) / 1e3;
        double perS = decodesCount ? replica.Best(double.PositiveInfinity).RequestsPerS : replica.PrefillsPerS;
        double share = Math.Max(0, 1 - (WorkOfMissed * (1 - target)));

        // After the last arrival there is that much time left; of a run cut there, the last requests are not judged
        double part = stop == StopRule.Drain
            ? profile.SpanS / (profile.SpanS + slackS)
            : Math.Max(0, 1 - (slackS / profile.SpanS));
        double needed = profile.RatePerS * share * part / perS;
        return (int)Math.Clamp(Math.Ceiling(needed), 1, MostReplicas);
    }

    private static int? EstimateOf(
        ReplicaThroughput replica, WorkloadProfile profile, SloTarget[] limits, double target, double perS, int batch)
    {
        if (perS <= 0)
        {
            return null;
        }

        double limitS = limits.Min(l => l.TtftMs ?? l.E2elMs ?? double.PositiveInfinity) / 1e3;
        double patienceS = Math.Max(0, limitS - replica.PrefillS);
        for (double replicas = Math.Max(1, Math.Floor(profile.RatePerS / perS)); replicas <= MostReplicas;)
        {
            double late = ManyServers.ChanceToWait(
                profile.RatePerS, perS / batch, (int)Math.Min(int.MaxValue, replicas * batch),
                profile.StepsVariation, patienceS);
            if (late <= 1 - target)
            {
                return (int)replicas;
            }

            replicas = Math.Max(replicas + 1, Math.Floor(replicas * 1.01));
        }

        return null;
    }
}
