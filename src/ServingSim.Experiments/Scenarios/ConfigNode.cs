namespace ServingSim.Experiments.Scenarios;

/// <summary>A value as the user wrote it, before anyone decided what it means; it knows where it stands.</summary>
public sealed class ConfigNode
{
    /// <summary>The key that names a part where it is written as a mapping: <c>{ name: slru, ... }</c>.</summary>
    internal const string PartNameKey = "name";

    private ConfigNode(ConfigKind kind, ConfigOrigin origin)
    {
        Kind = kind;
        Origin = origin;
    }

    /// <summary>What this is.</summary>
    public ConfigKind Kind { get; }

    /// <summary>Where it was written.</summary>
    public ConfigOrigin Origin { get; }

    /// <summary>The text of a scalar, unescaped; empty for anything else.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Whether a scalar was written in quotes, or as a block: then it is text and never a number.</summary>
    public bool IsQuoted { get; private init; }

    /// <summary>The items of a list; empty for anything else.</summary>
    public IReadOnlyList<ConfigNode> Items { get; private init; } = [];

    /// <summary>The entries of a mapping, each key once, in the order written; empty for anything else.</summary>
    public IReadOnlyList<ConfigEntry> Entries { get; private init; } = [];

    /// <summary>How many nodes this tree has, an alias counted as what it stands for.</summary>
    internal long Size { get; private init; } = 1;

    /// <summary>How many levels this tree has.</summary>
    internal int Height { get; private init; } = 1;

    /// <summary>The value of a key; null where a mapping lacks it or this is no mapping.</summary>
    public ConfigNode? this[string key] => Entries.FirstOrDefault(e => e.Key == key)?.Value;

    /// <summary>A scalar. An unquoted empty text, <c>~</c> or <c>null</c> is nothing.</summary>
    public static ConfigNode Scalar(ConfigOrigin origin, string text, bool isQuoted)
    {
        bool isNull = !isQuoted && text is "" or "~" or "null" or "Null" or "NULL";
        return isNull
            ? new ConfigNode(ConfigKind.Null, origin)
            : new ConfigNode(ConfigKind.Scalar, origin) { Text = text, IsQuoted = isQuoted };
    }

    /// <summary>A list of <paramref name="items"/>.</summary>
    public static ConfigNode List(ConfigOrigin origin, IReadOnlyList<ConfigNode> items) =>
        new(ConfigKind.List, origin)
        {
            Items = items,
            Size = 1 + items.Sum(i => i.Size),
            Height = 1 + items.Select(i => i.Height).DefaultIfEmpty().Max(),
        };

    /// <summary>A mapping of <paramref name="entries"/>, whose keys differ.</summary>
    public static ConfigNode Mapping(ConfigOrigin origin, IReadOnlyList<ConfigEntry> entries) =>
        new(ConfigKind.Mapping, origin)
        {
            Entries = entries,
            Size = 1 + entries.Sum(e => e.Value.Size),
            Height = 1 + entries.Select(e => e.Value.Height).DefaultIfEmpty().Max(),
        };

    /// <summary>
    /// This tree laid over another: mappings merge key by key, anything else replaces what lies under it. Keys of
    /// <paramref name="under"/> come first, so that an override does not change their order.
    /// </summary>
    internal ConfigNode Over(ConfigNode under)
    {
        if (Kind != ConfigKind.Mapping || under.Kind != ConfigKind.Mapping)
        {
            return this;
        }

        var merged = new OrderedDictionary<string, ConfigEntry>();
        foreach (ConfigEntry entry in under.Entries)
        {
            merged.Add(entry.Key, entry);
        }

        foreach (ConfigEntry entry in Entries)
        {
            merged[entry.Key] = merged.TryGetValue(entry.Key, out ConfigEntry? below)
                ? entry with { Value = entry.Value.Over(below.Value) }
                : entry;
        }

        return Mapping(Origin, [.. merged.Values]);
    }

    /// <summary>This mapping with one key given another value, in its place or at the end.</summary>
    internal ConfigNode With(ConfigEntry entry)
    {
        int at = Entries.TakeWhile(e => e.Key != entry.Key).Count();
        return Mapping(Origin, [.. Entries.Take(at), entry, .. Entries.Skip(at + 1)]);
    }

    /// <summary>What was found, for an error.</summary>
    internal string Found() => Kind switch
    {
        ConfigKind.Null => "nothing",
        ConfigKind.List => "a list",
        ConfigKind.Mapping => "a mapping",
        _ when IsQuoted => "the quoted text " + Names.Quote(Text),
        _ => Names.Quote(Text),
    };
}
