using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Tests.Engine;

/// <summary>One replica and its requests, run to the end.</summary>
internal sealed class ReplicaRun
{
    private readonly Queue<Request> _arrivals;
    private readonly SimEvent _arrival;

    private ReplicaRun(EngineConfig config, IEnumerable<Request> requests, ILatencyModel latency)
    {
        Replica = new Replica(Simulation, "main/0", A.Parts(config, latency), Observer);
        _arrivals = new Queue<Request>(requests);
        _arrival = new SimEvent(Simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
    }

    public Simulation Simulation { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public Replica Replica { get; }

    public IReadOnlyList<RecordedStep> Steps => Observer.StepsOf(Replica);

    /// <summary>Runs requests, in order of arrival, until all have finished.</summary>
    public static ReplicaRun Of(EngineConfig config, ILatencyModel? latency, params IEnumerable<Request> requests)
    {
        ReplicaRun run = new(config, requests, latency ?? new AffineLatency(1));
        while (run.Simulation.Step())
        {
        }

        return run;
    }

    private void Arrive()
    {
        Replica.Enqueue(_arrivals.Dequeue());
        ScheduleArrival();
    }

    private void ScheduleArrival()
    {
        if (_arrivals.TryPeek(out Request? next))
        {
            Simulation.Schedule(_arrival, next.Arrival);
        }
    }
}
