using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>
/// How routers learn which replicas answer. The defaults are those of SGLang's Model Gateway
/// (--health-check-interval-secs and its neighbours, docs/configuration/resilience.md).
/// </summary>
/// <param name="Interval">Each replica is asked at every multiple of it.</param>
/// <param name="Timeout">How long a check waits for one that hangs before it fails; at most the interval.</param>
/// <param name="Failures">After so many failed checks in a row nothing more is sent to a replica.</param>
/// <param name="Successes">After so many that succeeded in a row it is used again.</param>
public sealed record HealthOptions(
    [property: DefaultValue("1m")] SimTime Interval,
    [property: DefaultValue("5s")] SimTime Timeout,
    int Failures = 3,
    int Successes = 2) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Interval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(Interval), $"found {Interval}, expected at least 1ms");
        }

        if (Timeout < SimTime.Zero || Timeout > Interval)
        {
            yield return (nameof(Timeout), $"found {Timeout}, expected at most the interval");
        }

        if (Failures < 1)
        {
            yield return (nameof(Failures), $"found {Failures}, expected at least 1");
        }

        if (Successes < 1)
        {
            yield return (nameof(Successes), $"found {Successes}, expected at least 1");
        }
    }
}

/// <summary>
/// Asks replicas whether they work, at every multiple of the interval. It rests while all do and are known to: then
/// nothing would change.
/// </summary>
internal sealed class HealthChecks
{
    private readonly Simulation _simulation;
    private readonly HealthOptions _options;
    private readonly SimEvent _check;
    private readonly SimEvent _timeout;

    /// <summary>Those that are broken or have failed a check since, in order of the cluster.</summary>
    private readonly List<FaultyReplica> _watched = [];
    private readonly List<FaultyReplica> _hanging = [];

    internal HealthChecks(Simulation simulation, HealthOptions options)
    {
        (_simulation, _options) = (simulation, options);
        EventSource source = simulation.AddSource("health checks");

        // What they find out ends attempts, after which clients may ask again at the same instant
        _timeout = new SimEvent(source, Phase.Abort, OnTimeout) { IsLook = true };
        _check = new SimEvent(source, Phase.Abort, Check) { IsLook = true };
    }

    /// <summary>A replica broke.</summary>
    internal void Watch(FaultyReplica replica)
    {
        if (!_watched.Contains(replica))
        {
            int place = _watched.FindIndex(w => w.View.Index > replica.View.Index);
            _watched.Insert(place < 0 ? _watched.Count : place, replica);
        }

        if (!_check.IsPending)
        {
            long intervals = (_simulation.Now.Ticks + _options.Interval.Ticks - 1) / _options.Interval.Ticks;
            _simulation.Schedule(_check, new SimTime(intervals * _options.Interval.Ticks));
        }
    }

    private void Check()
    {
        foreach (FaultyReplica replica in _watched.ToArray())
        {
            if (replica.Hangs)
            {
                _hanging.Add(replica);
            }
            else if (replica.IsBroken)
            {
                Fail(replica);
            }
            else
            {
                Succeed(replica);
            }
        }

        if (_hanging.Count > 0)
        {
            _simulation.Schedule(_timeout, _simulation.Now + _options.Timeout);
        }

        if (_watched.Count > 0)
        {
            _simulation.Schedule(_check, _simulation.Now + _options.Interval);
        }
    }

    private void OnTimeout()
    {
        FaultyReplica[] hanging = [.. _hanging];
        _hanging.Clear();
        foreach (FaultyReplica replica in hanging)
        {
            Fail(replica);
        }
    }

    private void Fail(FaultyReplica replica)
    {
        replica.Checks = (replica.Checks.Failed + 1, 0);
        if (replica.Checks.Failed >= _options.Failures && !replica.IsKnown)
        {
            replica.BecomeKnown();
        }
    }

    private void Succeed(FaultyReplica replica)
    {
        replica.Checks = (0, replica.Checks.Succeeded + 1);
        if (replica.IsKnown && replica.Checks.Succeeded < _options.Successes)
        {
            return;
        }

        if (replica.IsKnown)
        {
            replica.BeForgiven();
        }

        replica.Checks = default;
        _watched.Remove(replica);
    }
}
