using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>A scenario that was read without error, and where it stood.</summary>
public sealed class LoadedScenario
{
    private LoadedScenario(Scenario scenario, string file) => (Scenario, File) = (scenario, file);

    /// <summary>What it says.</summary>
    public Scenario Scenario { get; }

    /// <summary>The file as the user named it.</summary>
    public string File { get; }

    internal static string Version => typeof(LoadedScenario).Assembly.GetName().Version!.ToString(3);

    /// <summary>Its name, which names the results.</summary>
    public string Name => Scenario.Name;

    /// <summary>
    /// Reads a scenario file, the settings (each "path=value") laid over it; throws <see cref="ScenarioException"/>.
    /// </summary>
    public static LoadedScenario Read(string file, IReadOnlyList<string> settings, Catalog catalog) =>
        new(ScenarioFile.Read<Scenario>(file, settings, catalog), file);

    /// <summary>As <see cref="Read(string, IReadOnlyList{string}, Catalog)"/>, of settings already read.</summary>
    internal static LoadedScenario Read(
        string file, IReadOnlyList<Setting?> settings, Catalog catalog, ErrorList errors) =>
        new(ScenarioFile.Read<Scenario>(file, settings, catalog, errors), file);

    /// <summary>
    /// As <see cref="Read(string, IReadOnlyList{string}, Catalog)"/>, of a text as if it stood in that file.
    /// </summary>
    public static LoadedScenario Parse(string text, string file, IReadOnlyList<string> settings, Catalog catalog) =>
        new(ScenarioFile.Parse<Scenario>(text, file, settings, catalog), file);

    /// <summary>
    /// The scenario that a tree says, as if it stood in that file; null where it says none, the errors added.
    /// </summary>
    internal static LoadedScenario? TryRead(
        ConfigNode root, string file, IReadOnlyList<Setting?> settings, Catalog catalog, ErrorList errors) =>
        ScenarioFile.TryBind<Scenario>(root, settings, catalog, errors) is { } scenario
            ? new LoadedScenario(scenario, file)
            : null;

    /// <summary>The same scenario with its values changed by a program, not by the file.</summary>
    internal LoadedScenario With(Func<Scenario, Scenario> change) => new(change(Scenario), File);

    /// <summary>
    /// What <paramref name="make"/> gives, unless a time of the scenario does not fit the simulator's clock.
    /// </summary>
    internal T WithinClock<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ClockRangeException)
        {
            throw Error("", "a time is beyond the simulator's clock of 1067d: a latency, limit or length is too large");
        }
    }

    /// <summary>Something that turned out to be wrong with it only when it was run.</summary>
    internal ScenarioException Error(string path, string message) => new([new ScenarioError(File, path, message)]);

    /// <summary>
    /// The scenario as it was understood, every default filled in, to stand in <paramref name="folder"/>.
    /// </summary>
    public string ToYaml(string folder) =>
        $"# The scenario as servingsim {Version} understood it\n"
        + ScenarioWriter.Write(Filled(Scenario), Path.GetFullPath(folder));

    /// <summary>
    /// All that decides a run but its seed, as YAML: no name, no replications, and of a file what it holds in place of
    /// where it lies.
    /// </summary>
    /// <param name="contentOf">Stands for the content of a trace.</param>
    internal string ContentYaml(Func<FilePath, string> contentOf) => ScenarioWriter.Write(
        Filled(Scenario with
        {
            Name = "content",
            Seed = 0,
            Replications = new(),
            Outputs = Scenario.Outputs with { Format = TableFormat.Csv },
        }),
        file => file is FilePath path ? contentOf(path) : ((INamedFile)file).Value);

    private static Scenario Filled(Scenario scenario) => scenario with
    {
        Cluster = scenario.Cluster with
        {
            Pools = new OrderedMap<PoolSection>(
                scenario.Cluster.Pools.Select(
                    p => KeyValuePair.Create(p.Key, (object?)EngineResolution.Filled(p.Value)))),
        },
    };
}
