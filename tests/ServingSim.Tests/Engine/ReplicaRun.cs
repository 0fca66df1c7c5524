using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Tests.Engine;

/// <summary>One replica and its requests, run to the end.</summary>
internal sealed class ReplicaRun
{
    private readonly Queue<Request> _arrivals;
    private readonly SimEvent _arrival;

    private ReplicaRun(ReplicaParts parts, IEnumerable<Request> requests)
    {
        Replica = new Replica(Simulation, "main/0", parts, Observer);
        _arrivals = new Queue<Request>(requests);
        _arrival = new SimEvent(Simulation.AddSource("workload"), Phase.Arrival, Arrive);
        ScheduleArrival();
    }

    public Simulation Simulation { get; } = new();

    public RecordingObserver Observer { get; } = new();

    public Replica Replica { get; }

    public IReadOnlyList<RecordedStep> Steps => Observer.StepsOf(Replica);

    /// <summary>Runs requests, in order of arrival, until all have finished.</summary>
    public static ReplicaRun Of(EngineConfig config, ILatencyModel? latency, params IEnumerable<Request> requests) =>
        Of(A.Parts(config, latency), requests);

    /// <summary>As above, with other parts.</summary>
    public static ReplicaRun Of(
        ReplicaParts parts,
        IEnumerable<Request> requests,
        IEnumerable<(long Tick, Request Request)>? aborts = null,
        Action<Request>? aborting = null)
    {
        ReplicaRun run = new(parts, requests);
        EventSource clients = run.Simulation.AddSource("clients");
        foreach ((long tick, Request request) in aborts ?? [])
        {
            SimEvent giveUp = new(clients, Phase.Abort, () => run.Abort(request, aborting));
            run.Simulation.Schedule(giveUp, new SimTime(tick));
        }

        while (run.Simulation.Step())
        {
        }

        return run;
    }

    /// <summary>Of those that finished or were aborted before, nobody gives up.</summary>
    private void Abort(Request request, Action<Request>? aborting)
    {
        if (request.State is not (RequestState.Finished or RequestState.Dropped) && !request.IsAborted)
        {
            aborting?.Invoke(request);
            Replica.Abort(request);
        }
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
