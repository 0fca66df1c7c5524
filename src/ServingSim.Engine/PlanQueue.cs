namespace ServingSim.Engine;

/// <summary>
/// The plans of a replica, which are used again and again: those in flight, oldest first, and the next.
/// </summary>
internal sealed class PlanQueue
{
    private readonly StepPlan[] _plans;
    private int _oldest;

    /// <summary>Nothing is in flight yet.</summary>
    /// <param name="most">How many plans can be.</param>
    internal PlanQueue(int most)
    {
        _plans = new StepPlan[most];
        for (int i = 0; i < most; i++)
        {
            _plans[i] = new StepPlan();
        }
    }

    /// <summary>How many are in flight.</summary>
    internal int Count { get; private set; }

    internal bool IsFull => Count == _plans.Length;

    /// <summary>The one whose step ends first; null if none is in flight.</summary>
    internal StepPlan? Oldest => Count == 0 ? null : _plans[_oldest];

    /// <summary>The one that was dispatched last.</summary>
    internal StepPlan Newest => this[Count - 1];

    /// <summary>The one that is to be made, where not all are in flight.</summary>
    internal StepPlan Next => this[Count];

    /// <summary>Those in flight, from 0.</summary>
    internal StepPlan this[int index]
    {
        get
        {
            int place = _oldest + index;
            return _plans[place < _plans.Length ? place : place - _plans.Length];
        }
    }

    /// <summary><see cref="Next"/> is in flight from now on.</summary>
    internal void Dispatch() => Count++;

    /// <summary><see cref="Oldest"/> no longer is; it stands as it is until all others have been made.</summary>
    internal void Retire()
    {
        _oldest = _oldest + 1 == _plans.Length ? 0 : _oldest + 1;
        Count--;
    }
}
