using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Names and values in the order of the file; equals another with the same in the same order.</summary>
internal sealed class OrderedMap<T> : IReadOnlyDictionary<string, T>
{
    private readonly OrderedDictionary<string, T> _values = [];

    public OrderedMap(IEnumerable<KeyValuePair<string, object?>> values)
    {
        foreach ((string name, object? value) in values)
        {
            _values.Add(name, (T)value!);
        }
    }

    public int Count => _values.Count;

    public IEnumerable<string> Keys => _values.Keys;

    public IEnumerable<T> Values => _values.Values;

    public T this[string key] => _values[key];

    public bool ContainsKey(string key) => _values.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _values.TryGetValue(key, out value);

    public override bool Equals(object? obj) => obj is OrderedMap<T> other && _values.SequenceEqual(other._values);

    public override int GetHashCode() => _values.Count;

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
