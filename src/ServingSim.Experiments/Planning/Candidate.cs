using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>What the planned pool may be, but for how many replicas it has.</summary>
/// <param name="Index">Its place among the candidates, from 0.</param>
/// <param name="Gpu">The GPU, as the plan names it.</param>
/// <param name="Tp">GPUs of a replica.</param>
/// <param name="Knobs">Its other settings, each "path=value".</param>
/// <param name="PricePerGpuHour">What an hour of one GPU costs.</param>
public sealed record Candidate(int Index, string Gpu, int Tp, IReadOnlyList<string> Knobs, double PricePerGpuHour)
{
    private LoadedScenario? _scenario;

    /// <summary>"h100-sxm tp2 max_num_seqs=256".</summary>
    public string Name => string.Join(
        ' ', new[] { Gpu, $"tp{Tp}", Variation.NameOf(Knobs) }.Where(part => part.Length > 0));

    /// <summary>Why it cannot be built, as that the model does not fit; null where it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether its latency says how far it may be off.</summary>
    internal bool HasBand => BandRuns.HasBand(_scenario!);

    /// <summary>The pool, with some number of replicas.</summary>
    internal PoolSection Pool => _scenario!.Scenario.Cluster.Pools.Values.Single();

    /// <summary>GPUs of so many replicas.</summary>
    public int GpusOf(int replicas) => Tp * (_scenario is null ? 1 : Pool.Parallelism.Pp) * replicas;

    /// <summary>Cost per hour of so many replicas.</summary>
    public double CostOf(int replicas) => GpusOf(replicas) * PricePerGpuHour;

    /// <summary>
    /// All candidates of a plan, in order; throws what is wrong with them other than that one cannot be built.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="file">Where it was read, for errors.</param>
    /// <param name="catalog">The parts of scenarios.</param>
    /// <param name="change">What is done to every candidate's scenario; null for nothing.</param>
    internal static IReadOnlyList<Candidate> AllOf(
        Plan plan, string file, Catalog catalog, Func<LoadedScenario, LoadedScenario>? change = null)
    {
        string[] settings = SettingsOf(plan);
        string scenario = Paths.Shown(plan.Scenario.FullPath);
        string pool = PoolOf(LoadedScenario.Read(scenario, settings, catalog));
        IReadOnlyList<IReadOnlyList<string>> points = Variation.Grid(
            [.. plan.Candidates.Knobs.Select(k => new Variation(k.Key, k.Value))]);
        List<Candidate> all = [];
        foreach (string gpu in plan.Candidates.Gpus)
        {
            foreach (int tp in plan.Candidates.Tp)
            {
                foreach (IReadOnlyList<string> knobs in points)
                {
                    Candidate candidate = new(all.Count, gpu, tp, knobs, plan.Prices[gpu]);
                    candidate.Build(plan, scenario, pool, settings, file, catalog);
                    if (change is not null && candidate.Problem is null)
                    {
                        candidate._scenario = change(candidate._scenario!);
                    }

                    all.Add(candidate);
                }
            }
        }

        return all;
    }

    /// <summary>The scenario with so many replicas.</summary>
    internal LoadedScenario Scenario(int replicas) => _scenario!.With(s => s with
    {
        Cluster = s.Cluster with
        {
            Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(
                p => KeyValuePair.Create(p.Key, (object?)(p.Value with { Replicas = replicas })))),
        },
    });

    private void Build(
        Plan plan, string scenario, string pool, string[] settings, string file, Catalog catalog)
    {
        string path = $"cluster.pools.{pool}";
        try
        {
            _scenario = LoadedScenario.Read(
                scenario,
                [
                    .. settings, $"{path}.gpu={Gpu}", $"{path}.parallelism.tp={Tp}", $"{path}.replicas=1", .. Knobs,
                ],
                catalog);
            AttainmentGoals.Check(_scenario);
            IEnumerable<string> labels = plan.Goal.ByLabel.Select(l => l.Label);
            _scenario = new LoadChange(catalog).Times(_scenario, plan.Load)
                .With(s => s with { ReportBy = [.. s.ReportBy.Union(labels)] });
        }
        catch (ScenarioException e) when (e.Errors.All(error => PoolSection.IsMisfit(error.Message)))
        {
            Problem = e.Errors[0].Message;
        }
        catch (ScenarioException e)
        {
            throw new ScenarioException(
                [.. e.Errors.Select(error => error with { Location = $"{file}: candidate {Name}: {error.Location}" })]);
        }
    }

    private static string[] SettingsOf(Plan plan)
    {
        return
        [
            .. plan.Set.Select(s => $"{s.Key}={s.Value}"),
            $"replications.count={plan.Replications}",
            FormattableString.Invariant($"replications.confidence={plan.Goal.Confidence}"),
            .. plan.Seed is { } seed ? new[] { FormattableString.Invariant($"seed={seed}") } : [],
        ];
    }

    private static string PoolOf(LoadedScenario scenario) => scenario.Scenario.Cluster.Pools.Count == 1
        ? scenario.Scenario.Cluster.Pools.Keys.Single()
        : throw scenario.Error(
            "cluster.pools",
            $"found {scenario.Scenario.Cluster.Pools.Count}, but a plan is for a scenario of one pool");
}
