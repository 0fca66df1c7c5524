namespace ServingSim.Experiments.Scenarios;

/// <summary>A value laid over what the files say: one <c>--set path=value</c>, or a path of a sweep.</summary>
internal sealed class Setting
{
    private readonly string[] _path;
    private readonly ConfigNode _value;

    private Setting(string[] path, ConfigNode value) => (_path, _value) = (path, value);

    /// <summary>The keys that lead to it, joined by dots.</summary>
    public string Path => string.Join('.', _path);

    /// <summary>Its value as one line of YAML.</summary>
    public string Text => FlowText.Of(_value);

    /// <summary>The setting that <paramref name="text"/> says; null where it says none, with the error added.</summary>
    public static Setting? Parse(string text, ErrorList errors)
    {
        var origin = new ConfigOrigin("--set " + text.ReplaceLineEndings(" "), Environment.CurrentDirectory, 0, 0);
        int equals = text.IndexOf('=');
        string[] path = text[..Math.Max(equals, 0)].Split('.');
        if (!IsPath(path))
        {
            errors.Add(origin, "", "expected path=value, such as cluster.pools.main.replicas=8");
            return null;
        }

        string value = text[(equals + 1)..];
        if (string.IsNullOrWhiteSpace(value))
        {
            errors.Add(origin, "", "found no value, expected one after '='; ~ stands for nothing");
            return null;
        }

        ConfigNode? node = YamlReader.Read(value, origin, errors);
        return node is null ? null : new Setting(path, node);
    }

    /// <summary>A value from a file for these keys, joined by dots; null if they are none, the error added.</summary>
    public static Setting? Of(string keys, ConfigNode value, ErrorList errors)
    {
        string[] path = keys.Split('.');
        if (!IsPath(path))
        {
            errors.Add(value.Origin, keys, "is no path, expected keys joined by dots: cluster.pools.main.replicas");
            return null;
        }

        return new Setting(path, value);
    }

    private static bool IsPath(string[] path) =>
        !path.Any(string.IsNullOrWhiteSpace) && path.Length <= YamlReader.MaxDepth;

    /// <summary>The tree with this setting laid over it.</summary>
    public ConfigNode ApplyTo(ConfigNode root, ErrorList errors) => Set(root, 0, errors);

    private ConfigNode Set(ConfigNode? node, int depth, ErrorList errors)
    {
        if (depth == _path.Length)
        {
            return _value;
        }

        string key = _path[depth];
        if (node is { Kind: ConfigKind.List })
        {
            return SetItem(node, key, depth, errors);
        }

        ConfigNode mapping = node switch
        {
            { Kind: ConfigKind.Mapping } => node,
            // a part in its short form, as in "router: least-outstanding"
            { Kind: ConfigKind.Scalar } => ConfigNode.Mapping(
                _value.Origin, [new ConfigEntry(ConfigNode.PartNameKey, node.Origin, node)]),
            _ => ConfigNode.Mapping(_value.Origin, []),
        };
        return mapping.With(new ConfigEntry(key, _value.Origin, Set(mapping[key], depth + 1, errors)));
    }

    private ConfigNode SetItem(ConfigNode list, string key, int depth, ErrorList errors)
    {
        if (!ScalarText.TryWhole(key, out long index) || index < 0 || index >= list.Items.Count)
        {
            string path = string.Join('.', _path.Take(depth));
            int count = list.Items.Count;
            string problem = $"found {Names.Quote(key)}, expected an index into the {count} items, from 0";
            errors.Add(_value.Origin, path, problem);
            return list;
        }

        ConfigNode[] items = [.. list.Items];
        items[index] = Set(items[index], depth + 1, errors);
        return ConfigNode.List(list.Origin, items);
    }
}
