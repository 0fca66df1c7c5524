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
}
