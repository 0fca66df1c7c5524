using CsCheck;
using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using Xunit;
using Xunit.Abstractions;

namespace ServingSim.Tests.Experiments.Planning;

/// <summary>
/// Small plans of every kind: what the planner rules out without simulating, an exhaustive search finds no use for.
/// </summary>
public sealed class PlannerExactnessTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Gen<string> Lengths = Gen.OneOf(
        Two("{ name: constant, tokens: 300 }", "{ name: constant, tokens: 60 }"),
        Two("{ name: lognormal, median_tokens: 100, sigma: 2, max_tokens: 6000 }",
            "{ name: lognormal, median_tokens: 20, sigma: 2, max_tokens: 3000 }"),
        Two("{ name: pareto, min_tokens: 20, shape: 1.1, max_tokens: 6000 }",
            "{ name: pareto, min_tokens: 5, shape: 1.1, max_tokens: 3000 }"),
        Two("{ name: constant, tokens: 3000 }", "{ name: constant, tokens: 1 }"));

    private static readonly Gen<string> Arrivals = Gen.OneOf(
        "{ name: poisson, rate_per_s: 5 }", "{ name: poisson, rate_per_s: 60 }",
        "{ name: poisson, rate_per_s: 300 }", "{ name: gamma, rate_per_s: 40, shape: 0.2 }");

    private static readonly Gen<string> Part = Gen.Select(
        Gen.OneOf(
            "synthetic", "synthetic", "{ name: synthetic, prefix_groups: { groups: 2, tokens: 3000 } }",
            "synthetic", "{ name: closed-loop, concurrency: 6 }",
            "{ name: closed-loop, concurrency: 40, think_time: 100ms }"),
        Arrivals, Lengths,
        (source, arrivals, lengths) => $"source: {source}, {lengths}"
            + (source.Contains("closed") ? "" : $", arrivals: {arrivals}"));

    private static readonly Gen<string> Workload = Gen.OneOf(
        Part.Select(p => $"{{ {p}, labels: {{ service: a }} }}"),
        Gen.Select(Part, Part, (p, q) => "{ source: { name: mix, parts: "
            + $"[{{ {p}, labels: {{ service: a }} }}, {{ {q}, labels: {{ service: b }} }}] }} }}"));

    private static readonly Gen<string> Limits = Gen.OneOf(
        "ttft_ms: 150", "tpot_ms: 9", "tpot_ms: 4", "ttft_ms: 400, tpot_ms: 12", "ttft_ms: 100, tpot_ms: 30",
        "e2el_ms: 1200", "e2el_ms: 300", "ttft_ms: 1000, e2el_ms: 5000");

    private static readonly Gen<string> Slo = Gen.OneOf(
        Limits.Select(all => $"{{ {all} }}"),
        Limits.Select(some => $"{{ by_label: [{{ label: service, value: a, target: {{ {some} }} }}] }}"),
        Gen.Select(Limits, Limits, (all, some) =>
            $"{{ {all}, by_label: [{{ label: service, value: a, target: {{ {some} }} }}] }}"));

    private static readonly Gen<string[]> Settings = Gen.Select(
        Workload, Slo, Gen.OneOf("0.3", "0.6", "0.8", "0.9", "0.97"), Gen.OneOf("drain", "drain", "cut"),
        Gen.OneOf("1", "3"), Gen.Int[1, 1000],
        (workload, slo, attainment, stop, fleets, seed) => (string[])
        [
            $"goal.attainment={attainment}", $"fleets={fleets}", $"seed={seed}",
            $"set={{ workload: '{workload}', slo: '{slo}', stop: {stop}, requests: 150, duration: 6s, warmup: 200ms }}",
        ]);

    private const string Candidates =
        "candidates={ gpus: [l40s, h100-sxm], replicas: { to: 6 }, knobs: { "
        + "cluster.pools.main.engine.max_num_seqs: [2, 32], "
        + "cluster.pools.main.engine.enable_prefix_caching: ['true', 'false'] } }";

    private static readonly ParallelRuns Parallel = new(2, default);
    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_planner_finds_what_an_exhaustive_search_finds()
    {
        (int plans, int answered, int ruledOut, int bounded) = (0, 0, 0, 0);
        Settings.Sample(
            settings =>
            {
                Plan plan = PlanSample.Read(_folder, PlanSample.Gpus, [Candidates, "replications=2", .. settings]);
                ExhaustiveSearch all = new(plan, Parallel);
                if (!all.IsMonotone || !all.IsJudged)
                {
                    return;
                }

                PlanResult result = Planner.Run(plan, "plan.yaml", Catalog.Default, Parallel);
                Assert.Equal(all.Cheapest, result.Fleets.Select(f => $"{f.Replicas} x {f.Candidate.Name}"));
                foreach (var (candidate, replicas, _) in all.Verdicts.Where(v => v.Meets))
                {
                    FleetBounds bounds = result.Candidates[candidate.Index].Bounds!;
                    Assert.True(bounds.Problem is null && bounds.Least <= replicas, $"{candidate.Name}: {bounds}");
                }

                plans++;
                answered += result.Fleets.Count > 0 ? 1 : 0;
                ruledOut += result.Candidates.Count(c => c.Kind == OutcomeKind.Cannot);
                bounded += result.Candidates.Count(c => c.Bounds is { Least: > 1 });
            },
            iter: 100, threads: 1);
        string told = $"{plans} plans, {answered} answered; {ruledOut} candidates ruled out, {bounded} bounded";
        output.WriteLine(told);
        Assert.True(plans >= 50 && answered >= 20 && ruledOut + bounded >= 10, told);
    }

    private static string Two(string prompts, string outputs) => $"prompt_tokens: {prompts}, output_tokens: {outputs}";
}
