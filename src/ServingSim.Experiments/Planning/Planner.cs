using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Planning;

/// <summary>Answers a <see cref="Plan"/>: finds the cheapest fleets, and looks at what surrounds them.</summary>
public sealed class Planner
{
    private const double HeadroomTolerance = 0.05;
    private const int HeadroomDoublings = 3;
    private const int CandidatesTriedInVain = 3;

    // Long windows would leave none between the warm-up and the last arrival to tell what binds
    private const int FewestWindows = 20;

    private readonly Plan _plan;
    private readonly Trials _trials;
    private readonly LoadChange _load;
    private readonly WorkloadProfile _profile;
    private readonly IReadOnlyList<CandidateSearch> _searches;

    private Planner(
        Plan plan, Trials trials, LoadChange load, WorkloadProfile profile, IReadOnlyList<CandidateSearch> searches) =>
        (_plan, _trials, _load, _profile, _searches) = (plan, trials, load, profile, searches);

    /// <summary>Plans; throws what is wrong with the plan, its scenario or a setting.</summary>
    /// <param name="plan">The question.</param>
    /// <param name="file">Where it was read, for errors.</param>
    /// <param name="catalog">The parts of scenarios.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    /// <param name="progress">Hears of each run that has ended; from several threads.</param>
    public static PlanResult Run(
        Plan plan, string file, Catalog catalog, ParallelRuns parallel, Action? progress = null) =>
        Run(plan, Candidate.AllOf(plan, file, catalog), catalog, parallel, progress);

    /// <summary>
    /// Plans with step times as predicted, and with all of them as fast and as slow as they may be; throws where no
    /// candidate's latency says how far it may be off.
    /// </summary>
    public static Banded<PlanResult> RunBand(
        Plan plan, string file, Catalog catalog, ParallelRuns parallel, Action? progress = null)
    {
        PlanResult RunWith(Func<LoadedScenario, LoadedScenario>? change)
        {
            IReadOnlyList<Candidate> candidates = Candidate.AllOf(plan, file, catalog, change);
            Candidate[] built = [.. candidates.Where(c => c.Problem is null)];
            return built.Length == 0 || built.Any(c => c.HasBand)
                ? Run(plan, candidates, catalog, parallel, progress)
                : throw new ScenarioException([new ScenarioError(file, "candidates", BandRuns.NoBand)]);
        }

        return new Banded<PlanResult>(RunWith(BandRuns.Fast), RunWith(null), RunWith(BandRuns.Slow));
    }

    private static PlanResult Run(
        Plan plan, IReadOnlyList<Candidate> candidates, Catalog catalog, ParallelRuns parallel, Action? progress)
    {
        AttainmentGoals goals = new(
            [
                AttainmentGoal.Of(plan.Goal.Attainment),
                .. plan.Goal.ByLabel.Select(l => AttainmentGoal.Of(l.Label, l.Value, l.Attainment)),
            ],
            plan.Goal.Confidence);
        if (candidates.FirstOrDefault(c => c.Problem is null) is not { } first)
        {
            return new PlanResult(
                plan, goals, null, [.. candidates.Select(c => CandidateSearch.Misfit(c))], [], null, [])
            {
                SearchRuns = 0,
                Runs = 0,
                ExhaustiveRuns = 0,
                Surprises = [],
            };
        }

        Scenario scenario = first.Scenario(1).Scenario;
        LeastDemand? demand = LeastDemand.Of(scenario, plan.Goal.Attainment);
        WorkloadProfile profile = WorkloadProfile.Of(
            first.Scenario(1), catalog, parallel, (replication, request) => demand?.Add(replication, request));
        double countedS = Math.Max(0, profile.SpanS - scenario.Warmup.TotalSeconds);
        SimTime longest = SimTime.Later(
            SimTime.FromSecondsRoundedUp(countedS / FewestWindows), SimTime.FromMilliseconds(1));
        Planner planner = new(
            plan, new Trials(goals, plan.Replications, parallel, progress, longest), new LoadChange(catalog), profile,
            [
                .. candidates.Where(c => c.Problem is null).Select(c => new CandidateSearch(
                    c, plan, FleetBounds.Of(c.Pool, profile, demand, scenario.Slo.Targets(), plan.Goal.Attainment))),
            ]);
        return planner.Answer(candidates);
    }

    private PlanResult Answer(IReadOnlyList<Candidate> candidates)
    {
        FleetSearch search = new(_searches, _plan.Fleets, _trials);
        search.Run();
        int searchRuns = _trials.Runs;
        if (search.Found.Count == 0)
        {
            TryInVain();
        }

        CheckLabels();
        PlannedFleet[] fleets = [.. search.Found.Select(s => Look(s, s.Answer!.Value, withHeadroom: true))];
        IReadOnlyList<Sensitivity> sensitivities = search.Found.Count == 0 ? [] : Sensitivities(search.Found[0]);
        CandidateOutcome[] outcomes =
        [
            .. candidates.Select(c => _searches.FirstOrDefault(s => s.Candidate == c)is { } s
                ? WithProblem(s, s.Outcome(search.Found))
                : CandidateSearch.Misfit(c)),
        ];
        return new PlanResult(
            _plan, _trials.Goals, _profile, outcomes,
            [.. fleets.Select(f => f with { IsOnFront = !fleets.Any(o => o.Dominates(f)) })],
            search.Found.Count == 0 ? Closest() : null, sensitivities)
        {
            SearchRuns = searchRuns,
            Runs = _trials.Runs + _plan.Replications,
            ExhaustiveRuns = _searches.Sum(s => (long)s.CountsAllowed) * _plan.Replications,
            Surprises = Surprises(),
        };
    }

    /// <summary>Nothing meets the goals: runs some of what was ruled out, at its largest, to tell how far.</summary>
    private void TryInVain() => _trials.Meet(
    [
        .. _searches.Where(s => s.MostAllowed >= 1 && !s.Tried.Any())
            .OrderBy(s => (double)s.Bounds.Least / s.MostAllowed)
            .ThenBy(s => s.Candidate.Index)
            .Take(CandidatesTriedInVain)
            .Select(s => s.Try(s.MostAllowed)),
    ]);

    /// <summary>Of what could not even run, as that every request is too long for it, the reason is that.</summary>
    private CandidateOutcome WithProblem(CandidateSearch search, CandidateOutcome outcome) =>
        outcome is { Kind: OutcomeKind.Fails, Replicas: { } replicas }
        && Of(search, replicas).FirstOrDefault(t => t.Problem is not null)?.Problem is { } problem
            ? outcome with { Reason = problem }
            : outcome;

    private PlannedFleet? Closest()
    {
        var best = _searches.SelectMany(s => s.Tried.Select(n => (Search: s, Replicas: n)))
            .Where(f => Of(f.Search, f.Replicas).All(t => t.Problem is null))
            .Select(f => (Fleet: f, Margin: _trials.Goals.MarginOf(Of(f.Search, f.Replicas))))
            .OrderByDescending(f => f.Margin)
            .ThenBy(f => f.Fleet.Search.Candidate.CostOf(f.Fleet.Replicas))
            .ThenBy(f => f.Fleet.Search.Candidate.Index)
            .Select(f => ((CandidateSearch Search, int Replicas)?)f.Fleet)
            .FirstOrDefault();
        return best is { } found ? Look(found.Search, found.Replicas, withHeadroom: false) : null;
    }

    private PlannedFleet Look(CandidateSearch search, int replicas, bool withHeadroom)
    {
        int[] around = [.. new[] { replicas, replicas - 1, replicas + 1 }.Where(n => n >= 1)];
        _trials.Complete([.. around.Take(withHeadroom ? around.Length : 1).Select(search.Try)]);
        IReadOnlyList<Trial> loaded = withHeadroom && replicas > 1 ? Of(search, replicas - 1) : Of(search, replicas);
        Pressure? pressure = Pressure.MeanOf(loaded.Select(t => t.Pressure).OfType<Pressure>());
        PlannedFleet fleet = new(
            search.Candidate, replicas, search.Bounds, Of(search, replicas), Of(search, replicas - 1),
            Of(search, replicas + 1),
            pressure is null ? null : BindingConstraint.Of(
                search.Candidate.Pool, _profile, pressure,
                Estimate.Of(loaded.Select(t => t.Figure("p99_tpot_ms")), 0.5)?.Mean),
            null, RateOf(search, replicas));
        return withHeadroom ? WithHeadroom(fleet) : fleet;
    }

    /// <summary>Requests per second: those that come, or, of clients that wait, those that are answered.</summary>
    private double? RateOf(CandidateSearch search, int replicas) =>
        _profile.RatePerS
        ?? Estimate.Of(Of(search, replicas).Select(t => t.Figure("request_throughput")), 0.5)?.Mean;

    private PlannedFleet WithHeadroom(PlannedFleet fleet)
    {
        LoadedScenario scenario = fleet.Candidate.Scenario(fleet.Replicas);
        try
        {
            _ = _load.Times(scenario, 2);
        }
        catch (ScenarioException)
        {
            return fleet;
        }

        TrialKey KeyAt(double factor) => new(
            fleet.Candidate.Index, fleet.Replicas,
            factor == 1 ? "" : FormattableString.Invariant($"load x {factor:R}"));
        RateSearch search = RateSearch.Run(
            factor => _trials.Meets(KeyAt(factor), _load.Times(scenario, factor)), HeadroomTolerance,
            HeadroomDoublings);
        return search.Greatest is not { } greatest ? fleet : fleet with
        {
            Headroom = greatest,
            HeadroomTrend = QueueTrend.Of(
                [.. _trials.Of(KeyAt(greatest)).Select(t => t.Run).OfType<Replication>()]),
        };
    }

    private List<Sensitivity> Sensitivities(CandidateSearch winner) =>
    [
        SensitivityOf(winner, "load x 0.8", 0.8, s => _load.Times(s, 0.8)),
        SensitivityOf(winner, "load x 1.2", 1.2, s => _load.Times(s, 1.2)),
        SensitivityOf(winner, "gaps with twice the variance", 1.2, _load.Burstier),
        SensitivityOf(winner, "outputs x 1.5", 1.3, s => _load.LongerOutputs(s, 1.5)),
    ];

    private Sensitivity SensitivityOf(
        CandidateSearch winner, string load, double guess, Func<LoadedScenario, LoadedScenario> change)
    {
        int replicas = winner.Answer!.Value;
        try
        {
            _ = change(winner.Candidate.Scenario(replicas));
        }
        catch (ScenarioException e)
        {
            return new Sensitivity(load, [], null, null, e.Errors[0].Message);
        }

        (TrialKey Key, LoadedScenario Scenario) At(int n) => (
            new TrialKey(winner.Candidate.Index, n, load), change(winner.Candidate.Scenario(n)));
        _trials.Complete([At(replicas)]);
        CountSearch search = new(1, 4 * replicas, (int)Math.Round(guess * replicas));
        while (search.Next is { } next)
        {
            search.Tell(_trials.Meet([At(next)])[0]);
        }

        return new Sensitivity(
            load, _trials.Of(At(replicas).Key), _trials.Meet([At(replicas)])[0], search.Answer, null);
    }

    /// <summary>A goal for a label that no request has is a slip of the pen.</summary>
    private void CheckLabels()
    {
        Replication[] runs =
            [.. _searches.SelectMany(s => s.Tried.SelectMany(n => Of(s, n))).Select(t => t.Run).OfType<Replication>()];
        string? unknown = runs.Length == 0 ? null
            : _trials.Goals.Goals.FirstOrDefault(g => runs.All(r => r.Figures[g.Figure] is null))?.Name;
        if (unknown is not null)
        {
            throw new ScenarioException(
            [
                new ScenarioError(
                    Paths.Shown(_plan.Scenario.FullPath), "",
                    $"the goal for {unknown} cannot be judged: no request of them has an SLO, or none ends before the "
                    + "run is cut"),
            ]);
        }
    }

    private List<string> Surprises() =>
    [
        .. from search in _searches
           let verdicts = Verdicts(search)
           from pair in verdicts.Zip(verdicts.Skip(1))
           where pair.First.Meets && !pair.Second.Meets
           select $"{search.Candidate.Name}: {pair.First.Replicas} replicas meet the goals, "
               + $"{pair.Second.Replicas} do not",
    ];

    private List<(int Replicas, bool Meets)> Verdicts(CandidateSearch search) =>
    [
        .. from n in search.Tried.SelectMany(n => new[] { n - 1, n, n + 1 }).Distinct().Order()
           let meets = _trials.Goals.Decide(Of(search, n), _plan.Replications)
           where Of(search, n).Count > 0 && meets is not null
           select (n, meets.Value),
    ];

    private IReadOnlyList<Trial> Of(CandidateSearch search, int replicas) =>
        _trials.Of(search.KeyOf(replicas));
}
