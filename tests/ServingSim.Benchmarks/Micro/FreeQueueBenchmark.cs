using BenchmarkDotNet.Attributes;
using ServingSim.Engine.Kv;
using ServingSim.Engine.Kv.Eviction;

namespace ServingSim.Benchmarks.Micro;

/// <summary>The LRU free queue gives up 60 blocks, a request's, and gets them back; 27,000 blocks in all.</summary>
public class FreeQueueBenchmark
{
    private const int TotalBlocks = 27_000;
    private readonly LruEviction _queue = new(new EvictionContext(TotalBlocks, UnhashedOrder.Tail));
    private readonly BlockId[] _blocks = new BlockId[60];

    /// <summary>60 blocks out and in.</summary>
    [Benchmark]
    public void TakeAndFree()
    {
        _queue.Take(_blocks);
        _queue.Freed(new BlockRun(_blocks), hashed: true);
    }
}
