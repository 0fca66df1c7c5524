using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Faults of one kind, and what they strike.</summary>
/// <param name="Name">The fault's name.</param>
/// <param name="Fault">What breaks.</param>
/// <param name="Plan">When.</param>
/// <param name="Pool">The pool whose replicas it strikes.</param>
/// <param name="Replica">Which of them, from 0; null for each.</param>
public sealed record FaultSpec(string Name, IFault Fault, IFaultPlan Plan, string Pool, int? Replica);

/// <summary>
/// Lets the faults of a plan strike one replica, one after the other. One that finds no replica there, because scaling
/// has stopped it or not started it yet, is none.
/// </summary>
internal sealed class FaultInjector
{
    private readonly Simulation _simulation;
    private readonly FaultSpec _spec;
    private readonly FaultyReplica _victim;
    private readonly List<FaultStrike> _strikes;
    private readonly SimEvent _next;
    private FaultTimes _times;
    private FaultStrike? _strike;
    private int _failures;
    private bool _hasBegun;

    /// <param name="simulation">The clock.</param>
    /// <param name="source">Who faults come from.</param>
    /// <param name="spec">The faults.</param>
    /// <param name="victim">The replica.</param>
    /// <param name="strikes">Where they are noted.</param>
    internal FaultInjector(
        Simulation simulation, EventSource source, FaultSpec spec, FaultyReplica victim, List<FaultStrike> strikes)
    {
        (_simulation, _spec, _victim, _strikes) = (simulation, spec, victim, strikes);
        _next = new SimEvent(source, Phase.Fault, GoOn);
        ScheduleNext();
    }

    private void ScheduleNext()
    {
        if (_spec.Plan.Next(_victim.View.Index, _failures, _simulation.Now) is { } times)
        {
            _times = times;
            _simulation.Schedule(_next, times.At);
        }
    }

    private void GoOn()
    {
        if (_strike is null)
        {
            if (!_victim.IsThere)
            {
                GoOnToNext();
                return;
            }

            _strike = new FaultStrike(_spec.Name, _victim, _simulation.Now);
            _strikes.Add(_strike);
            if (_spec.Fault.Notice > SimTime.Zero)
            {
                _spec.Fault.Announce(_strike);
                _simulation.Schedule(_next, _simulation.Now + _spec.Fault.Notice);
                return;
            }
        }

        if (_hasBegun)
        {
            End();
            return;
        }

        if (!_victim.IsThere)
        {
            _spec.Fault.Withdraw(_strike);
            _strike.EndedAt = _simulation.Now;
            GoOnToNext();
            return;
        }

        _hasBegun = true;
        _spec.Fault.Begin(_strike);
        if (_times.Lasts is { } lasts)
        {
            _simulation.Schedule(_next, _simulation.Now + lasts);
        }
    }

    private void End()
    {
        _spec.Fault.End(_strike!);
        _strike!.EndedAt = _simulation.Now;
        GoOnToNext();
    }

    private void GoOnToNext()
    {
        (_strike, _hasBegun) = (null, false);
        _failures++;
        ScheduleNext();
    }
}
