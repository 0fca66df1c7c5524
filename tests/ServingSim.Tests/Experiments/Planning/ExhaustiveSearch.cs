using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Tests.Experiments.Planning;

/// <summary>Every candidate with every number of replicas that the budget allows, all replications.</summary>
internal sealed class ExhaustiveSearch
{
    internal ExhaustiveSearch(Plan plan, ParallelRuns parallel)
    {
        (Candidate Candidate, int Replicas)[] fleets =
        [
            .. from candidate in Candidate.AllOf(plan, "plan.yaml", Catalog.Default)
               from replicas in Enumerable.Range(1, plan.Candidates.Replicas.To)
               where candidate.CostOf(replicas) <= (plan.Budget.CostPerHour ?? double.PositiveInfinity)
               select (candidate, replicas),
        ];
        Runs = fleets.Length * plan.Replications;
        IReadOnlyList<Trial> runs = parallel.Map(Runs, i => Trial.Of(
            fleets[i / plan.Replications].Candidate.Scenario(fleets[i / plan.Replications].Replicas),
            i % plan.Replications, default));
        IsJudged = runs.Any(r => r.Figure("attainment") is not null);
        Verdicts =
        [
            .. fleets.Zip(runs.Chunk(plan.Replications))
                .Select(f => (f.First.Candidate, f.First.Replicas, Meets(f.Second, plan))),
        ];
        Cheapest =
        [
            .. Verdicts.Where(v => v.Meets)
                .GroupBy(v => v.Candidate)
                .Select(g => g.MinBy(v => v.Replicas))
                .OrderBy(v => v.Candidate.CostOf(v.Replicas))
                .ThenBy(v => v.Candidate.GpusOf(v.Replicas))
                .ThenBy(v => v.Candidate.Index)
                .Take(plan.Fleets)
                .Select(v => $"{v.Replicas} x {v.Candidate.Name}"),
        ];
    }

    internal int Runs { get; }

    /// <summary>Whether any request with an SLO ended in any run.</summary>
    internal bool IsJudged { get; }

    /// <summary>Whether each fleet meets the goals, candidate by candidate, fewer replicas first.</summary>
    internal IReadOnlyList<(Candidate Candidate, int Replicas, bool Meets)> Verdicts { get; }

    /// <summary>The cheapest fleets, each of another candidate, as in "2 x h100-sxm tp1".</summary>
    internal IReadOnlyList<string> Cheapest { get; }

    /// <summary>Whether more replicas than are enough are enough too: what a search relies on.</summary>
    internal bool IsMonotone => Verdicts.GroupBy(v => v.Candidate)
        .All(g => g.Zip(g.Skip(1)).All(pair => !pair.First.Meets || pair.Second.Meets));

    private static bool Meets(Trial[] trials, Plan plan)
    {
        bool Reaches(string figure, double target) =>
            Estimate.Of(trials.Select(t => t.Figure(figure)), (2 * plan.Goal.Confidence) - 1) is { } share
            && (share.Low ?? share.Mean) >= target;
        return trials.All(t => t.Problem is null)
            && Reaches("attainment", plan.Goal.Attainment)
            && plan.Goal.ByLabel.All(l => Reaches($"by_label.{l.Label}.{l.Value}.attainment", l.Attainment));
    }
}
