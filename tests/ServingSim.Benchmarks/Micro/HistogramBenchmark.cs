using BenchmarkDotNet.Attributes;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks.Micro;

/// <summary>A histogram records the gaps of one step of 100 decodes.</summary>
public class HistogramBenchmark
{
    private readonly LatencyHistogram _histogram = new();
    private long _ticks = SimTime.FromMilliseconds(20).Ticks;

    /// <summary>One record.</summary>
    [Benchmark]
    public void Record() => _histogram.Record(new SimTime(_ticks++), 100);
}
