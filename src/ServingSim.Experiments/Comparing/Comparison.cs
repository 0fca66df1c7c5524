using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Comparing;

/// <summary>
/// Variants of a scenario under the same chance, each against the first. Replication i of all has the same seed, so
/// that differences are of pairs, which vary less than the runs themselves.
/// </summary>
/// <param name="Variants">What was compared, the baseline first.</param>
/// <param name="Figures">Which figures are shown, in order.</param>
public sealed record Comparison(IReadOnlyList<ComparedVariant> Variants, IReadOnlyList<string> Figures)
{
    /// <summary>Shown unless figures are asked for.</summary>
    private static readonly string[] Usual =
    [
        "mean_ttft_ms", "p99_ttft_ms", "mean_tpot_ms", "p99_tpot_ms", "mean_e2el_ms", "p99_e2el_ms",
        "request_throughput", "output_throughput", "attainment", "failed", "preemptions", "kv_cache_usage_mean",
    ];

    /// <summary>What the others are compared with.</summary>
    public ComparedVariant Baseline => Variants[0];

    /// <summary>Runs all variants; throws what is wrong with them.</summary>
    /// <param name="variants">At least two, with names that differ.</param>
    /// <param name="figures">Names of figures; the usual ones if empty.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    /// <param name="progress">Hears of each run that has ended; from several threads.</param>
    /// <param name="withBand">Whether to run all with steps as fast and as slow as their error allows, too.</param>
    public static Comparison Run(
        IReadOnlyList<(string Name, LoadedScenario Scenario)> variants,
        IReadOnlyList<string> figures,
        ParallelRuns parallel,
        Action? progress = null,
        bool withBand = false)
    {
        CheckPairs(variants);
        WarmScenario[] warm = [.. variants.Select(v => WarmScenario.Of(v.Scenario, parallel))];
        IReadOnlyList<ReplicatedRun> runs = RunAll(warm, parallel, progress);
        IReadOnlyList<Banded<ReplicatedRun>?> bands = [.. variants.Select(_ => (Banded<ReplicatedRun>?)null)];
        if (withBand)
        {
            Banded<LoadedScenario>[] ends = [.. warm.Select(w => BandRuns.Of(w.Scenario))];
            IReadOnlyList<ReplicatedRun> low =
                RunAll([.. ends.Select(e => new WarmScenario(e.Low, []))], parallel, progress);
            IReadOnlyList<ReplicatedRun> high =
                RunAll([.. ends.Select(e => new WarmScenario(e.High, []))], parallel, progress);
            bands = [.. runs.Select((run, i) => new Banded<ReplicatedRun>(low[i], run, high[i]))];
        }

        foreach (string figure in figures)
        {
            if (RunFigures.ProblemOf(figure, runs.SelectMany(r => r.Runs)) is { } problem)
            {
                throw new ScenarioException([new ScenarioError("--figure " + figure, "", problem)]);
            }
        }

        return new Comparison(
            [.. variants.Select((v, i) => new ComparedVariant(v.Name, runs[i], bands[i]))],
            figures.Count > 0
                ? figures
                : [.. Usual.Where(name => runs.Any(r => r.Of(name) is { } e && (e.Mean != 0 || e.HalfWidth > 0)))]);
    }

    private static void CheckPairs(IReadOnlyList<(string Name, LoadedScenario Scenario)> variants)
    {
        foreach ((string name, LoadedScenario scenario) in variants)
        {
            if (scenario.Scenario.Replications.Until is not null)
            {
                throw scenario.Error(
                    "replications.until", $"found in '{name}', but all that is compared runs equally often; use count");
            }

            if (scenario.Scenario.Replications.Count != variants[0].Scenario.Scenario.Replications.Count)
            {
                throw scenario.Error(
                    "replications.count",
                    $"found {scenario.Scenario.Replications.Count}, but '{variants[0].Name}' has "
                    + $"{variants[0].Scenario.Scenario.Replications.Count}; what is compared runs equally often");
            }

            if (scenario.Scenario.Seed != variants[0].Scenario.Scenario.Seed)
            {
                throw scenario.Error(
                    "seed",
                    $"found {scenario.Scenario.Seed}, but '{variants[0].Name}' has "
                    + $"{variants[0].Scenario.Scenario.Seed}; what is compared shares its chance");
            }
        }
    }

    /// <summary>All replications of all variants side by side.</summary>
    private static IReadOnlyList<ReplicatedRun> RunAll(WarmScenario[] warm, ParallelRuns parallel, Action? progress)
    {
        int count = warm[0].Scenario.Scenario.Replications.Count;
        IReadOnlyList<Replication> done = parallel.Map(warm.Length * count, i =>
        {
            Replication one = Replications.RunOne(warm[i / count].Scenario, i % count, parallel.Cancellation);
            progress?.Invoke();
            return one;
        });
        return
        [
            .. warm.Select((w, i) => ReplicatedRun.Of(
                w.Scenario, [.. done.Skip(i * count).Take(count)], w.Notes)),
        ];
    }

    /// <summary>A figure of a variant less that of the baseline; null for the baseline itself.</summary>
    public Estimate? Difference(ComparedVariant variant, string figure) =>
        variant == Baseline ? null : variant.Run.DifferenceTo(Baseline.Run, figure);

    /// <summary>
    /// Whether a difference goes the same way, beyond noise, with step times as predicted and with all of them as fast
    /// and as slow as they may be; null for the baseline and where no band was run.
    /// </summary>
    public bool? HoldsInBand(ComparedVariant variant, string figure)
    {
        if (variant == Baseline || variant.Band is not { } band || Baseline.Band is not { } others)
        {
            return null;
        }

        Estimate?[] differences =
            [.. band.Runs.Zip(others.Runs, (mine, other) => mine.Value.DifferenceTo(other.Value, figure))];
        return differences.All(d => d is { IsBeyondNoise: true })
            && differences.Select(d => Math.Sign(d!.Value.Mean)).Distinct().Count() == 1;
    }
}

/// <summary>One of what is compared.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Run">Its replications.</param>
/// <param name="Band">Those with fast, predicted and slow steps; null where only the predicted were run.</param>
public sealed record ComparedVariant(string Name, ReplicatedRun Run, Banded<ReplicatedRun>? Band = null);
