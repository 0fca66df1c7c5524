using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Reproducing;

/// <summary>A figure of a pack.</summary>
/// <param name="Id">What the command calls it: the name of its file.</param>
/// <param name="File">What its file says.</param>
public sealed record PackFigure(string Id, FigureFile File);

/// <summary>A paper's figures, tables and demonstrations, and how to make them: a folder of YAML.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="File">What its <c>pack.yaml</c> says.</param>
/// <param name="Figures">Its figures, in the order of the page.</param>
public sealed record Pack(string Name, string Folder, PackFile File, IReadOnlyList<PackFigure> Figures)
{
    /// <summary>What stands for all figures.</summary>
    public const string All = "all";

    private const string MainFile = "pack";
    private const string ConfigFolder = "reproductions";
    private const string Extension = ".yaml";

    /// <summary>
    /// Reads a pack by its name among the configs, or by its folder; throws <see cref="ScenarioException"/> with all
    /// that is wrong in it.
    /// </summary>
    public static Pack Read(string name, Catalog catalog)
    {
        string folder = Find(name, catalog);
        ErrorList errors = new();
        string main = Path.Combine(folder, MainFile + Extension);
        ConfigNode? root = new ConfigLoader(errors).Load(main, asked: null);
        PackFile? file = ScenarioFile.TryBind<PackFile>(root, [], catalog, errors);
        CheckModels(file, root, errors);
        string[] known =
        [
            .. Directory.EnumerateFiles(folder, "*" + Extension).Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Where(f => f != MainFile).Order(StringComparer.Ordinal),
        ];
        ConfigOrigin origin = new(Paths.Shown(main), folder, 0, 0);
        foreach (string id in file is null ? [] : file.Order.Where(id => !known.Contains(id)))
        {
            errors.Add(origin, "order", $"there is no figure {Names.Quote(id)}{Names.Known(id, known)}");
        }

        foreach (string id in file is null ? [] : known.Except(file.Order))
        {
            errors.Add(origin, "order", $"{id}{Extension} is left out, expected every figure once");
        }

        List<PackFigure> figures = [];
        foreach (string id in file?.Order.Where(known.Contains) ?? [])
        {
            string path = Path.Combine(folder, id + Extension);
            if (ReadFile<FigureFile>(path, catalog, errors) is { } figure)
            {
                CheckData(figure, file!, new ConfigOrigin(Paths.Shown(path), folder, 0, 0), errors);
                figures.Add(new PackFigure(id, figure));
            }
        }

        errors.ThrowIfAny();
        return new Pack(Path.GetFileName(folder), folder, file!, figures);
    }

    /// <summary>
    /// The figures of these names in the order of the page; all of none, or of <see cref="All"/>. Throws
    /// <see cref="ScenarioException"/>.
    /// </summary>
    public IReadOnlyList<PackFigure> Choose(IReadOnlyList<string> ids)
    {
        string[] known = [All, .. Figures.Select(f => f.Id)];
        ScenarioError[] errors =
        [
            .. ids.Where(id => !known.Contains(id)).Select(id => new ScenarioError(
                Name, "", $"there is no figure {Names.Quote(id)}{Names.Known(id, known)}")),
        ];
        return errors.Length > 0 ? throw new ScenarioException(errors)
            : ids.Count == 0 || ids.Contains(All) ? Figures
            : [.. Figures.Where(f => ids.Contains(f.Id))];
    }

    /// <summary>The file of a figure.</summary>
    internal string FileOf(string id) => Path.Combine(Folder, id + Extension);

    private static string Find(string name, Catalog catalog)
    {
        string[] roots = [.. catalog.ConfigFolders.Select(root => Path.Combine(root, ConfigFolder))];
        string? found = roots.Append("").Select(root => Path.Combine(root, name))
            .FirstOrDefault(folder => System.IO.File.Exists(Path.Combine(folder, MainFile + Extension)));
        if (name.Length > 0 && found is not null)
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(found));
        }

        string[] known =
        [
            .. roots.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
                .Select(f => Path.GetFileName(f)!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
        throw new ScenarioException(
        [
            new ScenarioError(
                Names.Quote(name), "",
                $"there is no such pack{Names.Known(name, known)}, or a folder that holds {MainFile}{Extension}"),
        ]);
    }

    private static T? ReadFile<T>(string path, Catalog catalog, ErrorList errors)
        where T : class =>
        ScenarioFile.TryBind<T>(new ConfigLoader(errors).Load(path, asked: null), [], catalog, errors);

    /// <summary>A model that is not there is wrong in the pack's file, at its own line.</summary>
    private static void CheckModels(PackFile? file, ConfigNode? root, ErrorList errors)
    {
        foreach ((string name, DataSection section) in file?.Data ?? new Dictionary<string, DataSection>())
        {
            if (section.Model is { } model && !System.IO.File.Exists(model.FullPath))
            {
                errors.Add(
                    root!["data"]![name]!["model"]!.Origin, $"data.{name}.model",
                    $"no such file: {Paths.Shown(model.FullPath)}");
            }
        }
    }

    private static void CheckData(FigureFile figure, PackFile file, ConfigOrigin origin, ErrorList errors)
    {
        IEnumerable<(string Key, string Data)> named =
        [
            .. figure.Needs.Select((data, i) => ($"needs.{i}", data)),
            .. figure.Published.Select((p, i) => ($"published.{i}.data", p.Data)).Where(p => p.Data is not null)
                .Select(p => (p.Item1, p.Data!)),
        ];
        foreach ((string key, string data) in named.Where(n => !file.Data.ContainsKey(n.Data)))
        {
            errors.Add(
                origin, key, $"there is no set of data {Names.Quote(data)}{Names.Known(data, [.. file.Data.Keys])}");
        }
    }
}
