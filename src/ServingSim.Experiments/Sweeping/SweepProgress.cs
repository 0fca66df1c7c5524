namespace ServingSim.Experiments.Sweeping;

/// <summary>How far a sweep is, and what it gave so far; told and asked from several threads.</summary>
/// <param name="plan">What is computed.</param>
/// <param name="total">How many runs are to be made.</param>
public sealed class SweepProgress(SweepPlan plan, int total)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<int, List<UnitResult>> _byPoint = [];

    /// <summary>How many runs are to be made.</summary>
    public int Total => total;

    /// <summary>How many of them have ended.</summary>
    public int Done { get; private set; }

    /// <summary>The points whose runs ended last, at most so many, with the runs that have ended.</summary>
    public SweepResult Latest(int most)
    {
        lock (_lock)
        {
            return new SweepResult(
                plan,
                [
                    .. _byPoint.TakeLast(most)
                        .OrderBy(p => p.Key)
                        .Select(p => new SweepPoint(p.Key + 1, plan.Points[p.Key], [.. p.Value])),
                ]);
        }
    }

    /// <summary>A run has ended.</summary>
    internal void Add(int point, UnitResult result)
    {
        lock (_lock)
        {
            Done++;
            _byPoint.Remove(point, out List<UnitResult>? before);
            _byPoint.Add(point, [.. before ?? [], result]);
        }
    }
}
