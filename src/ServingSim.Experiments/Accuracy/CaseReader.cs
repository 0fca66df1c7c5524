using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Reads files of cases, and everything that they name; all that is wrong is added to the errors.</summary>
/// <param name="Options">What the command line says.</param>
/// <param name="Catalog">What scenarios can name.</param>
/// <param name="Settings">What is laid over every scenario.</param>
/// <param name="Files">The files that cases name.</param>
/// <param name="Errors">Receives what is wrong.</param>
internal sealed record CaseReader(
    AccuracyOptions Options, Catalog Catalog, IReadOnlyList<Setting?> Settings, MeasuredFiles Files, ErrorList Errors)
{
    /// <summary>A reader of any number of files.</summary>
    public static CaseReader Of(AccuracyOptions options, Catalog catalog, ErrorList errors) => new(
        options, catalog, [.. options.Settings.Select(s => Setting.Parse(s, errors))],
        new MeasuredFiles(options.DataFolder, errors), errors);

    /// <summary>The file and its cases; null where it cannot be understood.</summary>
    public (AccuracyFile File, IReadOnlyList<AccuracyCase> Cases)? Read(string path)
    {
        string full = Path.GetFullPath(path);
        if (new ConfigLoader(Errors).Load(full, asked: null) is not { } root
            || new Binder(Catalog, Errors).BindRecord(typeof(AccuracyFile), root) is not AccuracyFile file)
        {
            return null;
        }

        ConfigNode? shared = ScenarioOf(file.Scenario, root, full);
        List<AccuracyCase> cases = [];
        foreach ((CaseSection section, ConfigNode node) in file.Cases.Zip(root["cases"]!.Items))
        {
            ConfigNode? own = ScenarioOf(section.Scenario, node, full);
            if (shared is not null && own is not null)
            {
                cases.AddRange(new SectionReader(this, section, node, own.Over(shared), path).Cases());
            }
        }

        return (file, cases);
    }

    /// <summary>A scenario that stands here or in a file of its own; null where it has errors.</summary>
    private ConfigNode? ScenarioOf(ConfigNode? node, ConfigNode parent, string file)
    {
        if (node is null or { Kind: ConfigKind.Null })
        {
            return ConfigNode.Mapping(parent.Origin, []);
        }

        ConfigLoader loader = new(Errors);
        return node.Kind == ConfigKind.Scalar && Paths.Resolve(node.Origin.Folder, node.Text) is { } path
            ? loader.Load(path, node.Origin)
            : loader.WithIncludes(node, file);
    }
}
