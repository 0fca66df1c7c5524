using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What can be said of the replicas that a workload needs without simulating: fewer than how many cannot do, which
/// rules fleets out, and how many may do, where a search begins.
/// </summary>
/// <param name="Least">
/// Fewer replicas cannot have enough requests within their limits; 1 where nothing is known, as of clients that wait
/// for their answers: see <see cref="LeastDemand"/>.
/// </param>
/// <param name="Estimate">
/// Replicas with which the M/G/c queue of all replicas' batch places has requests wait too long for the limit of TTFT
/// no more often than may be; null of closed loops, and if none would do. The throughput is that of steps as full as
/// the KV cache, <c>max_num_seqs</c>, <c>max_num_batched_tokens</c> and the strictest limit of TPOT allow, with
/// prefills and decodes in the workload's own proportion.
/// </param>
/// <param name="Problem">Why no number of replicas can do it; null where some may.</param>
public sealed record FleetBounds(int Least, int? Estimate, string? Problem)
{
    private const int MostReplicas = ClusterSection.MostReplicas;

    /// <summary>The bounds for one replica's pool.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="profile">What the workload asks for.</param>
    /// <param name="demand">The least that has to be done for the goal; null where it is not known.</param>
    /// <param name="slo">The limits.</param>
    /// <param name="target">The least share of requests that has to be within them.</param>
    internal static FleetBounds Of(
        PoolSection pool, WorkloadProfile profile, LeastDemand? demand, SloTargets slo, double target)
    {
        SloTarget[] limits = [.. slo.ByLabel.Select(l => l.Target), .. new[] { slo.Overall }.OfType<SloTarget>()];
        ReplicaThroughput replica = new(pool, profile);
        int? estimate = profile.RatePerS is { } perS ? EstimateOf(replica, profile, perS, limits, target) : null;
        if (demand is null)
        {
            return new FleetBounds(1, estimate, null);
        }

        EngineConfig engine = EngineResolution.Resolve(pool);
        ReplicaPeak peak = new(LatencyResolution.Resolve(pool), engine);
        if (demand.IsImpossible(peak.LeastDecodeS, engine))
        {
            string problem = FormattableString.Invariant(
                $"a step of one decode alone takes {peak.LeastDecodeS * 1e3:0.0} ms, ")
                + FormattableString.Invariant($"but tpot_ms is {limits.Min(l => l.TpotMs)}");
            return new FleetBounds(1, null, problem);
        }

        (double prefillTokensPerS, double decodesPerS) = demand.Of(engine);
        double needed = Math.Max(prefillTokensPerS / peak.PrefillTokensPerS, decodesPerS / peak.DecodesPerS);

        // What is needed but for the rounding of quotients is enough
        return new FleetBounds((int)Math.Clamp(Math.Ceiling(needed - 1e-9), 1, MostReplicas + 1), estimate, null);
    }

    private static int? EstimateOf(
        ReplicaThroughput replica, WorkloadProfile profile, double ratePerS, SloTarget[] limits, double target)
    {
        (double perS, int batch) = replica.Best(limits.Min(l => l.TpotMs) ?? double.PositiveInfinity);
        if (perS <= 0)
        {
            return null;
        }

        double limitS = limits.Min(l => l.TtftMs ?? l.E2elMs ?? double.PositiveInfinity) / 1e3;
        double patienceS = Math.Max(0, limitS - replica.PrefillS);
        for (double replicas = Math.Max(1, Math.Floor(ratePerS / perS)); replicas <= MostReplicas;)
        {
            double late = ManyServers.ChanceToWait(
                ratePerS, perS / batch, (int)Math.Min(int.MaxValue, replicas * batch),
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
