namespace ServingSim.Experiments.Scenarios;

/// <summary>One <c>--set path=value</c> of the command line: a value laid over what the files say.</summary>
internal sealed class Setting
{
    private readonly string[] _path;
    private readonly ConfigNode _value;
    private readonly ErrorList _errors;

    private Setting(string[] path, ConfigNode value, ErrorList errors)
    {
        _path = path;
        _value = value;
        _errors = errors;
    }

    /// <summary>The setting that <paramref name="text"/> says; null where it says none, with the error added.</summary>
    public static Setting? Parse(string text, ErrorList errors)
    {
        var origin = new ConfigOrigin("--set " + text.ReplaceLineEndings(" "), Environment.CurrentDirectory, 0, 0);
        int equals = text.IndexOf('=');
        string[] path = text[..Math.Max(equals, 0)].Split('.');
        if (path.Any(string.IsNullOrWhiteSpace) || path.Length > YamlReader.MaxDepth)
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
        return node is null ? null : new Setting(path, node, errors);
    }

    /// <summary>The tree with this setting laid over it.</summary>
    public ConfigNode ApplyTo(ConfigNode root) => Set(root, 0);

    private ConfigNode Set(ConfigNode? node, int depth)
    {
        if (depth == _path.Length)
        {
            return _value;
        }

        string key = _path[depth];
        if (node is { Kind: ConfigKind.List })
        {
            return SetItem(node, key, depth);
        }

        ConfigNode mapping = node switch
        {
            { Kind: ConfigKind.Mapping } => node,
            // a part in its short form, as in "router: least-outstanding"
            { Kind: ConfigKind.Scalar } => ConfigNode.Mapping(
                _value.Origin, [new ConfigEntry(ConfigNode.PartNameKey, node.Origin, node)]),
            _ => ConfigNode.Mapping(_value.Origin, []),
        };
        return mapping.With(new ConfigEntry(key, _value.Origin, Set(mapping[key], depth + 1)));
    }

    private ConfigNode SetItem(ConfigNode list, string key, int depth)
    {
        if (!ScalarText.TryWhole(key, out long index) || index < 0 || index >= list.Items.Count)
        {
            string path = string.Join('.', _path.Take(depth));
            int count = list.Items.Count;
            string problem = $"found {Names.Quote(key)}, expected an index into the {count} items, from 0";
            _errors.Add(_value.Origin, path, problem);
            return list;
        }

        ConfigNode[] items = [.. list.Items];
        items[index] = Set(items[index], depth + 1);
        return ConfigNode.List(list.Origin, items);
    }
}
