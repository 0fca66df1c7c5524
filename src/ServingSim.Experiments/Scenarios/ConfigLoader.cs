namespace ServingSim.Experiments.Scenarios;

/// <summary>Reads a file together with the files that it includes.</summary>
internal sealed class ConfigLoader(ErrorList errors)
{
    /// <summary>The key of the files that a file is laid over.</summary>
    internal const string IncludeKey = "include";

    private const int MaxFiles = 100;

    private readonly List<string> _chain = [];
    private int _files;

    /// <summary>
    /// The mapping in a file, laid over those of the files that it includes (a later one over an earlier one); null
    /// where one of them cannot be read, with the error added.
    /// </summary>
    /// <param name="file">The absolute path.</param>
    /// <param name="asked">Where the file is named; null for the file the user asked for.</param>
    public ConfigNode? Load(string file, ConfigOrigin? asked)
    {
        if (asked is { } by && !MayLoad(file, by))
        {
            return null;
        }

        ConfigNode? root = YamlReader.ReadFile(file, asked, errors);
        return root is null ? null : WithIncludes(root, file);
    }

    /// <summary>A mapping laid over those that it includes.</summary>
    public ConfigNode? WithIncludes(ConfigNode root, string file)
    {
        if (root.Kind != ConfigKind.Mapping)
        {
            errors.Add(root.Origin, "", $"found {root.Found()}, expected a mapping of keys to values");
            return null;
        }

        ConfigEntry? include = root.Entries.FirstOrDefault(e => e.Key == IncludeKey);
        if (include is null)
        {
            return root;
        }

        ConfigNode own = ConfigNode.Mapping(root.Origin, [.. root.Entries.Where(e => e != include)]);
        if (include.Value.Kind != ConfigKind.List)
        {
            errors.Add(include.Origin, IncludeKey, $"found {include.Value.Found()}, expected a list of paths");
            return own;
        }

        ConfigNode? under = ConfigNode.Mapping(root.Origin, []);
        _chain.Add(file);
        foreach (ConfigNode path in include.Value.Items)
        {
            ConfigNode? included = LoadIncluded(path);
            under = under is null || included is null ? null : included.Over(under);
        }

        _chain.RemoveAt(_chain.Count - 1);
        return under is null ? null : own.Over(under);
    }

    private ConfigNode? LoadIncluded(ConfigNode path)
    {
        if (path.Kind == ConfigKind.Scalar && Paths.Resolve(path.Origin.Folder, path.Text) is { } file)
        {
            return Load(file, path.Origin);
        }

        errors.Add(path.Origin, IncludeKey, $"found {path.Found()}, expected a path");
        return null;
    }

    private bool MayLoad(string file, ConfigOrigin by)
    {
        if (_chain.Contains(file))
        {
            IEnumerable<string> cycle = _chain.SkipWhile(f => f != file).Append(file).Select(Paths.Shown);
            errors.Add(by, IncludeKey, "found a cycle, expected none: " + string.Join(" -> ", cycle));
            return false;
        }

        if (++_files > MaxFiles)
        {
            errors.Add(by, IncludeKey, $"found more than {MaxFiles} included files, expected fewer");
            return false;
        }

        return true;
    }
}
