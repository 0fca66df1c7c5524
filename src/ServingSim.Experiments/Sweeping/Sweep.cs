using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Sweeping;

/// <summary>A sweep that is ready to run: its plan, and the scenario of each point.</summary>
public sealed class Sweep
{
    internal const int MostUnits = 100_000;

    private readonly IReadOnlyList<LoadedScenario> _scenarios;

    private Sweep(SweepPlan plan, IReadOnlyList<LoadedScenario> scenarios) => (Plan, _scenarios) = (plan, scenarios);

    /// <summary>What is computed.</summary>
    public SweepPlan Plan { get; }

    /// <summary>Reads a sweep and every scenario of it; throws <see cref="ScenarioException"/>.</summary>
    /// <param name="file">The sweep's file.</param>
    /// <param name="settings">Laid over the scenario, each "path=value".</param>
    /// <param name="catalog">What scenarios can name.</param>
    /// <param name="version">The program that computes it.</param>
    public static Sweep Read(string file, IReadOnlyList<string> settings, Catalog catalog, string version)
    {
        SweepFile written = ScenarioFile.Read<SweepFile>(file, [], catalog);
        ErrorList errors = new();
        Setting?[] common =
        [
            .. written.Set.Select(s => Setting.Of(s.Key, s.Value, errors)),
            .. settings.Select(s => Setting.Parse(s, errors)),
        ];
        errors.ThrowIfAny();
        IPointSet set = written.Points.Create(default);
        if (set.Count > MostUnits)
        {
            throw Error(file, "points", $"found more than {MostUnits} points, expected fewer");
        }

        SweepPlan plan = new(
            SweepPlan.CurrentSchema, written.Name, version, Path.GetFileName(file),
            Path.GetFileNameWithoutExtension(written.Scenario.FullPath), Texts(common), written.Figures, written.Axes,
            written.Format,
            [.. set.Points().Select(p => new PlannedPoint(
                new OrderedMap<string>(p.Select(v => KeyValuePair.Create(v.Key, (object?)FlowText.Of(v.Value)))),
                0, 0, []))]);
        if (common.FirstOrDefault(s => plan.Paths.Contains(s!.Path)) is { } twice)
        {
            throw Error($"--set {twice.Path}={twice.Text}", "", "the sweep varies this path; expected another");
        }

        return new Resolver(plan, common, catalog).Resolve(Paths.Shown(written.Scenario.FullPath), set);
    }

    /// <summary>
    /// Runs a unit and keeps nothing of it but its figures; throws what is wrong with the scenario, and says at which
    /// point.
    /// </summary>
    public UnitResult Run(PlannedUnit unit, CancellationToken cancellation) => AtPoint(Plan, unit.Point, () =>
    {
        LoadedScenario scenario = _scenarios[unit.Point];
        Replication run = Replications.RunOne(scenario, unit.Replication, cancellation);
        foreach (string figure in Plan.Figures.Where(f => !f.Contains('.')))
        {
            SweepResult.CheckFigure(Plan, figure, [run.Figures]);
        }

        return new UnitResult(
            Plan.Version, unit.Id, ReplicatedRun.SeedOf(scenario, unit.Replication),
            QueueTrend.Of(run.Waiting) is not null, run.Figures);
    });

    private static T AtPoint<T>(SweepPlan plan, int point, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ScenarioException e)
        {
            throw new ScenarioException(
                [.. e.Errors.Select(x => x with { Location = $"{plan.NameOf(point)}: {x.Location}" })]);
        }
        catch (TraceException e)
        {
            throw Error(plan.NameOf(point), "", e.Message);
        }
    }

    private static OrderedMap<string> Texts(IEnumerable<Setting?> settings) => new(
        settings.GroupBy(s => s!.Path).Select(g => KeyValuePair.Create(g.Key, (object?)g.Last()!.Text)));

    private static ScenarioException Error(string location, string path, string message) =>
        new([new ScenarioError(location, path, message)]);

    /// <summary>Reads the scenarios of a plan's points, and names their units.</summary>
    private sealed class Resolver(SweepPlan plan, IReadOnlyList<Setting?> common, Catalog catalog)
    {
        private readonly Dictionary<FilePath, string> _contents = [];

        internal Sweep Resolve(string scenario, IPointSet set)
        {
            List<LoadedScenario> scenarios = [];
            List<PlannedPoint> points = [];
            int units = 0;
            foreach (IReadOnlyList<KeyValuePair<string, ConfigNode>> values in set.Points())
            {
                (LoadedScenario loaded, string[] ids) = AtPoint(
                    plan, points.Count, () => Load(scenario, values) is var read ? (read, UnitsOf(read)) : default);
                units += loaded.Scenario.Replications.Count;
                if (units > MostUnits)
                {
                    throw Error(plan.File, "points", $"found more than {MostUnits} runs, expected fewer");
                }

                scenarios.Add(loaded);
                points.Add(plan.Points[points.Count] with
                {
                    Confidence = loaded.Scenario.Replications.Confidence,
                    Seed = loaded.Scenario.Seed,
                    Units = ids,
                });
            }

            return new Sweep(plan with { Points = points }, scenarios);
        }

        private LoadedScenario Load(string scenario, IReadOnlyList<KeyValuePair<string, ConfigNode>> values)
        {
            ErrorList errors = new();
            LoadedScenario loaded = LoadedScenario.Read(
                scenario, [.. common, .. values.Select(v => Setting.Of(v.Key, v.Value, errors))], catalog, errors);
            ReplicationsSection replications = loaded.Scenario.Replications;
            return replications.Until is not null
                ? throw loaded.Error("replications.until", "the runs of a sweep are apart from one another; use count")
                : replications.Warmup != WarmupRule.Given
                ? throw loaded.Error("replications.warmup", "the runs of a sweep are apart from one another; use given")
                : loaded;
        }

        /// <summary>The names of a point's units: hashes of what is run, its seed, and by which program.</summary>
        private string[] UnitsOf(LoadedScenario scenario)
        {
            string content = scenario.ContentYaml(ContentOf);
            return
            [
                .. Enumerable.Range(0, scenario.Scenario.Replications.Count).Select(i => string.Create(
                        CultureInfo.InvariantCulture,
                        $"{plan.Version}\nseed {ReplicatedRun.SeedOf(scenario, i)}\n{content}"))
                    .Select(text => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))),
            ];
        }

        /// <summary>The hash of a trace, read once however many points replay it.</summary>
        private string ContentOf(FilePath file)
        {
            if (!_contents.TryGetValue(file, out string? hash))
            {
                using Stream stream = TraceFile.Open(file);
                try
                {
                    hash = "sha256 " + Convert.ToHexStringLower(SHA256.HashData(stream));
                }
                catch (InvalidDataException)
                {
                    throw TraceFile.Damaged(file.AsWritten);
                }

                _contents.Add(file, hash);
            }

            return hash;
        }
    }
}
