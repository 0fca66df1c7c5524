using System.Globalization;

namespace ServingSim.Experiments.Scenarios;

/// <summary>A value on its way to be bound, and how to point at it in an error.</summary>
/// <param name="Node">The value.</param>
/// <param name="At">Where it is to be blamed: at its key, where it has one.</param>
/// <param name="Path">The keys that lead to it, joined by dots.</param>
internal readonly record struct Place(ConfigNode Node, ConfigOrigin At, string Path)
{
    public Place Of(ConfigEntry entry) => new(entry.Value, entry.Origin, PathOf(entry.Key));

    public Place Item(int index) =>
        new(Node.Items[index], Node.Items[index].Origin, PathOf(index.ToString(CultureInfo.InvariantCulture)));

    public string PathOf(string key) => (Path.Length == 0 ? "" : Path + ".") + Names.OneLine(key);

    /// <summary>The value to which <paramref name="keys"/> lead, to be blamed as near to it as was written.</summary>
    public Place Blamed(string keys)
    {
        if (Node.Kind == ConfigKind.List)
        {
            string[] parts = keys.Split('.', 2);
            Place item = Item(int.Parse(parts[0], CultureInfo.InvariantCulture));
            return parts.Length == 1 ? item : item.Blamed(parts[1]);
        }

        // A key may hold a dot itself
        ConfigEntry? entry = Node.Entries
            .Where(e => keys == e.Key || keys.StartsWith(e.Key + '.', StringComparison.Ordinal))
            .MaxBy(e => e.Key.Length);
        return entry is null ? this with { Path = PathOf(keys) }
            : keys == entry.Key ? Of(entry)
            : Of(entry).Blamed(keys[(entry.Key.Length + 1)..]);
    }
}
