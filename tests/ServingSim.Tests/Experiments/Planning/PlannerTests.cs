using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class PlannerTests : IDisposable
{
    private static readonly ParallelRuns Parallel = new(4, default);

    private const string OneToken =
        "{ source: synthetic, arrivals: { name: poisson, rate_per_s: 40 }, "
        + "prompt_tokens: { name: constant, tokens: 20 }, output_tokens: { name: constant, tokens: 1 } }";

    private const string HundredTokens =
        "{ source: synthetic, arrivals: { name: poisson, rate_per_s: 10 }, "
        + "prompt_tokens: { name: constant, tokens: 20 }, output_tokens: { name: constant, tokens: 100 } }";

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Every candidate with every number of replicas that the budget allows, all replications.</summary>
    [Theory]
    [InlineData(PlanSample.Gpus)]
    [InlineData(PlanSample.Knobs)]
    [InlineData(PlanSample.Kv)]
    public void The_cheapest_fleets_are_those_of_an_exhaustive_search(string text)
    {
        Plan plan = PlanSample.Read(_folder, text);
        PlanResult result = Planner.Run(plan, "plan.yaml", Catalog.Default, Parallel);
        ExhaustiveSearch all = new(plan, Parallel);
        Assert.NotEmpty(all.Cheapest);
        Assert.Equal(all.Cheapest, result.Fleets.Select(f => $"{f.Replicas} x {f.Candidate.Name}"));
        Assert.Equal(all.Runs, result.ExhaustiveRuns);
        Assert.True(result.SearchRuns * 5 <= all.Runs, $"{result.SearchRuns} of {all.Runs} runs");
        Assert.Empty(result.Surprises);
        string table = PlanTable.Text(result);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void What_surrounds_the_cheapest_fleet_is_told()
    {
        PlanResult result = Planner.Run(
            PlanSample.Read(_folder, PlanSample.Knobs, "candidates.replicas.to=12"), "plan.yaml", Catalog.Default,
            Parallel);
        PlannedFleet fleet = Assert.Single(result.Fleets);
        Assert.True(fleet.IsOnFront);
        Assert.Equal(3 * fleet.Replicas, fleet.CostPerHour);
        Assert.Equal(
            fleet.CostPerHour / (result.Profile!.RatePerS!.Value * 3600 * result.Profile.OutputTokens) * 1e6,
            fleet.CostPerMillionOutputTokens!.Value, 1e-9);
        Assert.True(fleet.CostPerMillionTokens < fleet.CostPerMillionOutputTokens);
        Assert.Equal(3, fleet.OneMore.Count);
        Assert.Equal(3, fleet.OneLess.Count);
        Assert.True(result.Goals.MarginOf(fleet.OneLess) < 0 && result.Goals.MarginOf(fleet.OneMore) >= 0);
        Assert.True(fleet.Headroom >= 1);
        Assert.Equal(4, result.Sensitivities.Count);
        Sensitivity less = result.Sensitivities[0];
        Assert.True(less.Meets is true && less.Replicas <= fleet.Replicas);
        Assert.True(result.Sensitivities[1].Replicas >= fleet.Replicas);
        Assert.True(result.Sensitivities[3].Replicas >= fleet.Replicas);
    }

    /// <summary>Also in a run that ends within the first window of its time series.</summary>
    [Theory]
    [InlineData("cluster.pools.main.engine.max_num_seqs: [16]", "{}", ConstraintKind.AdmissionCap)]
    [InlineData(
        "cluster.pools.main.engine.max_num_seqs: [16]", "{ outputs.timeseries_interval: 1m, warmup: 100ms }",
        ConstraintKind.AdmissionCap)]
    [InlineData("cluster.pools.main.engine.num_gpu_blocks_override: [1200]", "{}", ConstraintKind.KvCapacity)]
    public void What_binds_is_what_was_made_scarce(string knob, string set, ConstraintKind kind)
    {
        PlanResult result = Planner.Run(
            PlanSample.Read(
                _folder, PlanSample.Gpus,
                $"candidates={{ gpus: [h100-sxm], replicas: {{ to: 40 }}, knobs: {{ {knob} }} }}", $"set={set}"),
            "plan.yaml", Catalog.Default, Parallel);
        Assert.Equal(kind, result.Fleets[0].Binds!.Kind);
    }

    /// <summary>All 400 requests come in 0.2 s, so that they are served within an SLO of minutes by a queue.</summary>
    [Fact]
    public void A_fleet_whose_queue_grows_is_told_to_be_one()
    {
        string TextWith(int rate) => string.Join(' ', PlanTable.Text(Planner.Run(
            PlanSample.Read(
                _folder, PlanSample.Gpus,
                "candidates={ gpus: [h100-sxm], replicas: { to: 1 }, "
                + "knobs: { cluster.pools.main.engine.max_num_seqs: [64] } }",
                $"set={{ workload.arrivals.rate_per_s: {rate}, slo: '{{ ttft_ms: 600000 }}' }}"),
            "plan.yaml", Catalog.Default, Parallel)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("fleet 1: the queue grows as long as requests arrive", TextWith(2000));
        Assert.DoesNotContain("the queue grows", TextWith(1));
    }

    [Theory]
    [InlineData(3000, 3, ConstraintKind.Prefill)]
    [InlineData(20, 300, ConstraintKind.Decode)]
    public void What_binds_is_the_longer_part_of_the_requests(int prompt, int output, ConstraintKind kind)
    {
        Plan plan = PlanSample.Read(
            _folder, PlanSample.Gpus, "candidates={ gpus: [h100-sxm], replicas: { to: 40 } }",
            "set={ workload.lengths: '~', "
            + $"workload.prompt_tokens: '{{ name: constant, tokens: {prompt} }}', "
            + $"workload.output_tokens: '{{ name: constant, tokens: {output} }}' }}");
        Assert.Equal(kind, Planner.Run(plan, "plan.yaml", Catalog.Default, Parallel).Fleets[0].Binds!.Kind);
    }

    /// <summary>Each takes a minute or so to answer, so that here it is only read.</summary>
    [Fact]
    public void The_plans_of_the_configs_are_understood_and_named_as_their_files()
    {
        string[] files = Directory.GetFiles(Path.Combine(SharedData.Root, "configs", "plans"), "*.yaml");
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            Plan plan = ScenarioFile.Read<Plan>(file, [], Catalog.Default);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), plan.Name);
            Assert.All(Candidate.AllOf(plan, file, Catalog.Default), c => Assert.Null(c.Problem));
        });
    }

    [Fact]
    public void What_does_not_fit_is_listed_with_its_reason()
    {
        PlanResult result = Planner.Run(
            PlanSample.Read(
                _folder, PlanSample.Gpus,
                "candidates={ gpus: [l40s, h100-sxm], tp: [1, 4, 3], replicas: { to: 30 } }",
                "set={ cluster.pools.main.model: llama-3.1-70b, cluster.pools.main.parallelism.tp: 4, "
                + "slo.tpot_ms: 60, workload.arrivals.rate_per_s: 20 }"),
            "plan.yaml", Catalog.Default, Parallel);
        Assert.Equal(OutcomeKind.Misfit, result.Candidates[0].Kind);
        Assert.Contains("llama-3.1-70b does not fit GPU l40s at tp 1", result.Candidates[0].Reason);
        Assert.Contains("must be a multiple of tp (3)", result.Candidates[2].Reason);
        Assert.Single(result.Fleets);
        Assert.Contains("does not fit GPU l40s", PlanTable.Text(result));
    }

    /// <summary>
    /// What holds of means does not of all requests. Here four requests in five have one
    /// output token, so that a limit of TPOT that no step can keep is not theirs; or clients wait for their answers.
    /// </summary>
    [Theory]
    [InlineData("{ name: mix, parts: [" + OneToken + ", " + HundredTokens + "] }", "~", "{ tpot_ms: 2 }", 0.7)]
    [InlineData(
        "{ name: closed-loop, concurrency: 64 }", "{ name: joint-table, path: burstgpt-conversation }",
        "{ ttft_ms: 2000, tpot_ms: 50 }", 0.9)]
    public void What_means_would_rule_out_is_found_all_the_same(
        string source, string lengths, string slo, double goal)
    {
        Plan plan = PlanSample.Read(
            _folder, PlanSample.Gpus, FormattableString.Invariant($"goal.attainment={goal}"),
            "candidates={ gpus: [h100-sxm], replicas: { to: 8 } }",
            $"set={{ workload: '{{ source: {source}, lengths: {lengths} }}', slo: '{slo}', "
            + "requests: '~', duration: 40s }");
        PlanResult result = Planner.Run(plan, "plan.yaml", Catalog.Default, Parallel);
        PlannedFleet fleet = Assert.Single(result.Fleets);
        Assert.Equal(OutcomeKind.Meets, result.Candidates[0].Kind);
        Assert.Equal(1, fleet.Replicas);
        Assert.Equal((1, null), (fleet.Bounds.Least, fleet.Bounds.Problem));

        // Tokens that this fleet generates, not those that one without limits would
        Assert.Equal(
            1, fleet.CostPerMillionOutputTokens!.Value * fleet.Mean("output_throughput")!.Value * 3600
                / (fleet.CostPerHour * 1e6), 0.1);
    }

    /// <summary>What a cache finds is known though the first candidate has none.</summary>
    [Fact]
    public void The_workload_is_measured_with_a_prefix_cache_whatever_the_first_candidate_has()
    {
        PlanResult result = Planner.Run(
            PlanSample.Read(
                _folder, PlanSample.Gpus,
                "candidates={ gpus: [h100-sxm], replicas: { to: 20 }, "
                + "knobs: { cluster.pools.main.engine.enable_prefix_caching: ['false', 'true'] } }",
                "set={ workload.source: "
                + "'{ name: synthetic, prefix_groups: { groups: 2, tokens: 6000 } }' }"),
            "plan.yaml", Catalog.Default, Parallel);
        Assert.True(result.Profile!.NewPromptTokens < result.Profile.PromptTokens - 5000);
    }

    [Fact]
    public void An_SLO_that_nobody_meets_is_told_with_the_nearest_fleet()
    {
        PlanResult few = Planner.Run(
            PlanSample.Read(_folder, PlanSample.Gpus, "budget.gpus=2"), "plan.yaml", Catalog.Default, Parallel);
        Assert.Empty(few.Fleets);
        Assert.True(few.Closest!.Gpus <= 2 && few.Closest.Binds is not null);
        Assert.Contains("No fleet meets the SLO. Nearest is ", PlanTable.Text(few));

        PlanResult fast = Planner.Run(
            PlanSample.Read(_folder, PlanSample.Gpus, "set={ slo.tpot_ms: 2 }"), "plan.yaml", Catalog.Default,
            Parallel);
        Assert.Empty(fast.Fleets);
        Assert.Equal(0, fast.SearchRuns);
        Assert.All(fast.Candidates, c => Assert.Contains("a step of one decode alone takes", c.Reason));
        Assert.NotNull(fast.Closest);

        PlanResult poor = Planner.Run(
            PlanSample.Read(_folder, PlanSample.Gpus, "budget.cost_per_hour=0.1"), "plan.yaml", Catalog.Default,
            Parallel);
        Assert.Contains("none is within the budget", PlanTable.Text(poor));
    }
}
