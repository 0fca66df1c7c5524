using System.Collections;

namespace ServingSim.Experiments.Scenarios;

/// <summary>A list that equals another with the same items, so that records that hold lists can be compared.</summary>
internal sealed class ValueList<T>(IEnumerable<object?> items) : IReadOnlyList<T>
{
    private readonly T[] _items = [.. items.Cast<T>()];

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public override bool Equals(object? obj) => obj is ValueList<T> other && _items.SequenceEqual(other._items);

    public override int GetHashCode() => _items.Length;

    public IEnumerator<T> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
