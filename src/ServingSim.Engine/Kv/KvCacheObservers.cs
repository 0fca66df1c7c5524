namespace ServingSim.Engine.Kv;

/// <summary>All that hear of one cache.</summary>
internal sealed class KvCacheObservers : IKvCacheObserver
{
    private readonly List<IKvCacheObserver> _observers = [];

    public void Stored(BlockKey first, int blocks)
    {
        foreach (IKvCacheObserver observer in _observers)
        {
            observer.Stored(first, blocks);
        }
    }

    public void Removed(BlockKey first, int blocks)
    {
        foreach (IKvCacheObserver observer in _observers)
        {
            observer.Removed(first, blocks);
        }
    }

    public void Cleared()
    {
        foreach (IKvCacheObserver observer in _observers)
        {
            observer.Cleared();
        }
    }

    internal void Add(IKvCacheObserver observer) => _observers.Add(observer);
}
