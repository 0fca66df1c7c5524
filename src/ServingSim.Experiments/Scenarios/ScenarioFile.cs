namespace ServingSim.Experiments.Scenarios;

/// <summary>Reads scenario files strictly: all that is wrong is said at once, and nothing is ignored.</summary>
public static class ScenarioFile
{
    /// <summary>
    /// The record that a file says, with the files that it includes and the command line's settings laid over it;
    /// throws <see cref="ScenarioException"/>.
    /// </summary>
    /// <param name="path">The file; relative to the current folder, as are paths in settings.</param>
    /// <param name="settings">Overrides, each "path=value" with a value in YAML; a later one wins.</param>
    /// <param name="catalog">The parts and files that the file can name.</param>
    /// <typeparam name="T">A record whose constructor parameters are the schema.</typeparam>
    public static T Read<T>(string path, IReadOnlyList<string> settings, ICatalog catalog)
        where T : class
    {
        var errors = new ErrorList();
        return Read<T>(path, [.. settings.Select(s => Setting.Parse(s, errors))], catalog, errors);
    }

    /// <summary>As <see cref="Read{T}(string, IReadOnlyList{string}, ICatalog)"/>, of settings already read.</summary>
    internal static T Read<T>(string path, IReadOnlyList<Setting?> settings, ICatalog catalog, ErrorList errors)
        where T : class
    {
        string? file = Paths.Resolve(Environment.CurrentDirectory, path);
        if (file is null)
        {
            errors.Add(new ConfigOrigin(Names.Quote(path), "", 0, 0), "", "found no path, expected a file");
        }

        ConfigNode? root = file is null ? null : new ConfigLoader(errors).Load(file, asked: null);
        return Bind<T>(root, settings, catalog, errors);
    }

    /// <summary>
    /// As <see cref="Read{T}(string, IReadOnlyList{string}, ICatalog)"/>, of a text as if it stood in the file at
    /// <paramref name="path"/>.
    /// </summary>
    public static T Parse<T>(string text, string path, IReadOnlyList<string> settings, ICatalog catalog)
        where T : class
    {
        var errors = new ErrorList();
        string file = Path.GetFullPath(path);
        var start = new ConfigOrigin(Paths.Shown(file), Path.GetDirectoryName(file) ?? file, 1, 1);
        ConfigNode? root = YamlReader.Read(text, start, errors);
        return Bind<T>(
            root is null ? null : new ConfigLoader(errors).WithIncludes(root, file),
            [.. settings.Select(s => Setting.Parse(s, errors))], catalog, errors);
    }

    private static T Bind<T>(ConfigNode? root, IReadOnlyList<Setting?> settings, ICatalog catalog, ErrorList errors)
        where T : class
    {
        T? record = TryBind<T>(root, settings, catalog, errors);
        errors.ThrowIfAny();
        return record!;
    }

    /// <summary>The record that a tree says, settings laid over it; null where it says none, the error added.</summary>
    internal static T? TryBind<T>(
        ConfigNode? root, IReadOnlyList<Setting?> settings, ICatalog catalog, ErrorList errors)
        where T : class
    {
        foreach (Setting setting in settings.OfType<Setting>())
        {
            root = root is null ? null : setting.ApplyTo(root, errors);
        }

        return root is null ? null : (T?)new Binder(catalog, errors).BindRecord(typeof(T), root);
    }
}
