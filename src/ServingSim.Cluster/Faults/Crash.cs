namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>crash</c>.</summary>
/// <param name="Connections">What happens to the requests that it had, and to those that are still sent to it.</param>
public sealed record CrashOptions(BrokenConnections Connections = BrokenConnections.Reset);

/// <summary>How a broken replica's connections behave.</summary>
public enum BrokenConnections
{
    /// <summary>The process died and its machine says so: requests fail at once.</summary>
    Reset,

    /// <summary>
    /// The machine is gone, and nobody says so: requests hang until health checks find out, it starts again, or their
    /// clients give up. Without health checks it is known at once, and this is the same as the other.
    /// </summary>
    Hang,
}

/// <summary>
/// A replica breaks, and its requests and all its KV are gone; when that is over it starts with an empty cache.
/// </summary>
public sealed class Crash(CrashOptions options) : IFault
{
    /// <inheritdoc/>
    public void Begin(FaultStrike strike) => strike.Break(hangs: options.Connections == BrokenConnections.Hang);

    /// <inheritdoc/>
    public void End(FaultStrike strike) => strike.Repair();
}
