using System.Collections.Immutable;
using ServingSim.Cluster.Scaling;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>What a pool is made of.</summary>
/// <param name="Name">What it is called; its replicas are "name/0", "name/1", …</param>
/// <param name="Role">What its replicas do.</param>
/// <param name="Replicas">How many from the start, at least one.</param>
/// <param name="MakeParts">Makes one replica's parts; called once a replica.</param>
public sealed record PoolSpec(string Name, PoolRole Role, int Replicas, Func<ReplicaParts> MakeParts)
{
    /// <summary>
    /// How long a request is on its way from its arrival to the queue of its replica: HTTP, tokenizer and the way to
    /// the engine's process, which no step waits for. Its router and its client count from its arrival.
    /// </summary>
    public SimTime FrontEndTime { get; init; }

    /// <summary>What a GPU moves to another of its node, in bytes a second and direction.</summary>
    public long LinkBytesPerS { get; init; } = 1;

    /// <summary>What a KV block takes on all GPUs of a replica, in bytes.</summary>
    public long BlockBytes { get; init; } = 1;

    /// <summary>GPUs of one replica: each moves KV over a network card of its own.</summary>
    public int GpusPerReplica { get; init; } = 1;

    /// <summary>How the number of its replicas changes; null: it does not.</summary>
    public ScalingSpec? Scaling { get; init; }

    /// <summary>
    /// Which requests it serves: those whose every label named here has one of the values; all where none is named.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Serves { get; init; } =
        ImmutableDictionary<string, IReadOnlyList<string>>.Empty;
}
