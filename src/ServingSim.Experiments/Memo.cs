namespace ServingSim.Experiments;

/// <summary>
/// Remembers what was made of a key. It holds few things, and forgets all when there are more: sessions give every
/// conversation labels of its own, and memory must not grow with their number.
/// </summary>
/// <param name="make">Makes the value of a key; may be asked again for one that was forgotten.</param>
/// <param name="comparer">When keys are equal; null for their own idea of it.</param>
internal sealed class Memo<TKey, TValue>(Func<TKey, TValue> make, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private const int MostKeys = 1024;

    private readonly Dictionary<TKey, TValue> _known = new(comparer);

    internal TValue Of(in TKey key)
    {
        if (_known.TryGetValue(key, out TValue? known))
        {
            return known;
        }

        if (_known.Count == MostKeys)
        {
            _known.Clear();
        }

        TValue made = make(key);
        _known.Add(key, made);
        return made;
    }
}
