using BenchmarkDotNet.Attributes;
using ServingSim.Engine.Kv;
using ServingSim.Engine.Kv.Eviction;

namespace ServingSim.Benchmarks.Micro;

/// <summary>The LRU free queue gives up 60 blocks, a request's, in 4 runs, and gets them back; 27,000 in all.</summary>
public class FreeQueueBenchmark
{
    private const int Run = 15;
    private const int TotalBlocks = 27_001;
    private readonly LruEviction _queue = new(new EvictionContext(TotalBlocks, UnhashedOrder.Tail));

    /// <summary>All blocks are free.</summary>
    public FreeQueueBenchmark()
    {
        for (int number = 1; number <= (TotalBlocks - 1) / Run; number++)
        {
            _queue.Freed(new BlockRun(number, Run), default(BlockKey));
        }
    }

    /// <summary>60 blocks out and in.</summary>
    [Benchmark]
    public void TakeAndFree()
    {
        for (int i = 0; i < 4; i++)
        {
            _queue.Freed(_queue.Take(Run), default(BlockKey));
        }
    }
}
