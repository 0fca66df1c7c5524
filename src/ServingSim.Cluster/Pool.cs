using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Equal replicas with one role.</summary>
public sealed class Pool
{
    private readonly PoolSpec _spec;
    private readonly bool _restricted;

    internal Pool(
        Simulation simulation,
        PoolSpec spec,
        int firstIndex,
        bool isScraped,
        Func<ReplicaView, IReplicaObserver> observerOf,
        Action<ReplicaView, Request>? deliver = null)
    {
        Check.That(spec.Replicas >= 1, $"pool {spec.Name} has {spec.Replicas} replicas");
        (_spec, _restricted) = (spec, spec.Serves.Count > 0);
        int most = Math.Max(spec.Replicas, spec.Scaling?.MaxReplicas ?? 0);
        for (int i = 0; i < most; i++)
        {
            ReplicaParts parts = spec.MakeParts();
            ReplicaView view = new(simulation, this, firstIndex + i) { IsScraped = isScraped, Latency = parts.Latency };
            view.Replica = new Replica(simulation, $"{spec.Name}/{i}", parts, observerOf(view));
            Views.Add(view);
            Replicas.Add(view.Replica);
        }

        if (spec.FrontEndTime > SimTime.Zero)
        {
            FrontEnd = new FrontEnd(
                simulation, spec.Name, spec.FrontEndTime, deliver ?? ((to, request) => to.Replica.Enqueue(request)));
        }
    }

    /// <summary>What it is called.</summary>
    public string Name => _spec.Name;

    /// <summary>What its replicas do.</summary>
    public PoolRole Role => _spec.Role;

    /// <summary>Its replicas, in order; where their number changes, as many as there can be.</summary>
    public List<Replica> Replicas { get; } = [];

    /// <summary>GPUs of one replica.</summary>
    public int GpusPerReplica => _spec.GpusPerReplica;

    /// <summary>Requests that were sent to its replicas so far.</summary>
    public long Arrived { get; internal set; }

    /// <summary>Requests that were refused after one of its replicas had been chosen for them.</summary>
    public long Refused { get; internal set; }

    /// <summary>Requests that its replicas completed so far.</summary>
    public long Completed { get; internal set; }

    /// <summary>Attempts that were sent to its replicas and given up by their clients, or lost, so far.</summary>
    public long Failed { get; internal set; }

    internal PoolSpec Spec => _spec;

    internal List<ReplicaView> Views { get; } = [];

    /// <summary>Replicas that it begins with.</summary>
    internal int InitialReplicas => _spec.Replicas;

    /// <summary>What starts and stops its replicas; null where nothing does.</summary>
    internal PoolScaler? Scaler { get; private set; }

    /// <summary>How often a replica became one that routers may choose, or may not.</summary>
    internal long MembershipChanges { get; set; }

    /// <summary>What holds requests before they reach a replica; null where nothing does.</summary>
    internal FrontEnd? FrontEnd { get; }

    /// <summary>
    /// Replica ticks up to now in which its replicas are paid for, also while they start, but not while their machines
    /// are taken away.
    /// </summary>
    public Int128 PaidTicks(SimTime now) => Scaler?.PaidTicks() ?? TicksThere(now);

    /// <summary>Replica ticks up to now in which its replicas serve or finish what they have.</summary>
    public Int128 ServingTicks(SimTime now) => Scaler?.ServingTicks() ?? TicksThere(now);

    /// <summary>How often a replica began to be started so far.</summary>
    public long ReplicasStarted => Scaler?.Started ?? 0;

    /// <summary>How often a replica was given up so far, while it started or served.</summary>
    public long ReplicasStopped => Scaler?.Stopped ?? 0;

    private Int128 TicksThere(SimTime now) =>
        ((Int128)now.Ticks * Replicas.Count) - Views.Sum(view => view.Faults?.TakenTicks ?? 0);

    /// <summary>Lets the number of its replicas change, if it does.</summary>
    internal PoolScaler? Scale(Simulation simulation, GpuBudget budget) =>
        Scaler = _spec.Scaling is { } scaling ? new PoolScaler(simulation, this, scaling, budget) : null;

    /// <summary>Whether requests with these labels may be sent here.</summary>
    internal bool Serves(Labels labels) =>
        !_restricted || _spec.Serves.All(wanted => labels[wanted.Key] is { } value && wanted.Value.Contains(value));
}
