using BenchmarkDotNet.Attributes;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks.Micro;

/// <summary>An event happens and is scheduled again, among 10⁴ that are pending.</summary>
public class EventHoldBenchmark
{
    private const int Pending = 10_000;
    private readonly Simulation _simulation = new();
    private readonly SimEvent[] _events = new SimEvent[Pending];
    private readonly RandomStream _random = new RandomStreams(1).Stream("holds");
    private long _holds;

    /// <summary>Fills the queue.</summary>
    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < Pending; i++)
        {
            int index = i;
            _events[i] = new SimEvent(_simulation.AddSource($"{i}"), Phase.StepEnd, () => Schedule(index));
            Schedule(i);
        }
    }

    /// <summary>One event.</summary>
    [Benchmark]
    public bool Hold() => _simulation.Step();

    private void Schedule(int index)
    {
        Draws draws = _random.At(_holds++);
        _simulation.Schedule(_events[index], _simulation.Now + new SimTime(1 + draws.NextIndex(1_000_000)));
    }
}
