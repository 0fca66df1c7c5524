using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>The search for the least number of replicas of one candidate.</summary>
internal sealed class CandidateSearch
{
    private readonly int _from;
    private readonly int _least;
    private readonly List<int> _tried = [];
    private CountSearch? _counts;

    internal CandidateSearch(Candidate candidate, Plan plan, FleetBounds bounds)
    {
        (Candidate, Bounds, _from) = (candidate, bounds, plan.Candidates.Replicas.From);
        double gpus = Math.Min(
            plan.Budget.Gpus ?? double.PositiveInfinity,
            (plan.Budget.CostPerHour ?? double.PositiveInfinity) / candidate.PricePerGpuHour);

        // A cost that is the budget but for the rounding of a quotient is within it
        MostAllowed = (int)Math.Min(plan.Candidates.Replicas.To, Math.Floor((gpus / candidate.GpusOf(1)) + 1e-9));
        _least = Math.Max(_from, bounds.Least);
    }

    internal Candidate Candidate { get; }

    internal FleetBounds Bounds { get; }

    /// <summary>The most that the plan and its budget allow; 0 if not even one.</summary>
    internal int MostAllowed { get; }

    /// <summary>How many numbers of replicas there are to try.</summary>
    internal int CountsAllowed => Math.Max(0, MostAllowed - _from + 1);

    internal bool IsWorthRunning => Bounds.Problem is null && _least <= MostAllowed;

    /// <summary>How many replicas it may take by the bounds: what is tried first.</summary>
    internal int Guess => Math.Clamp(Bounds.Estimate ?? _least, _least, Math.Max(_least, MostAllowed));

    /// <summary>The numbers of replicas that were run.</summary>
    internal IEnumerable<int> Tried => _tried.Distinct();

    internal int? Answer => _counts?.Answer;

    internal int? Next => _counts?.Next;

    internal TrialKey KeyOf(int replicas) => new(Candidate.Index, replicas, "");

    /// <summary>What to run for a number of replicas.</summary>
    internal (TrialKey Key, LoadedScenario Scenario) Try(int replicas)
    {
        _tried.Add(replicas);
        return (KeyOf(replicas), Candidate.Scenario(replicas));
    }

    /// <summary>Begins at what is <paramref name="ratio"/> times the analytic estimate.</summary>
    internal void Begin(double ratio) =>
        _counts = new CountSearch(_least, MostAllowed, (int)Math.Min(Math.Round(Guess * ratio), MostAllowed));

    internal void Tell(bool isEnough) => _counts!.Tell(isEnough);

    /// <summary>Fleets at least as dear as this one are not wanted.</summary>
    internal void LimitBelow(CandidateSearch dearest)
    {
        (double Cost, int Gpus, int Index) limit = dearest.KeyWith(dearest.Answer!.Value);
        int most = (int)Math.Min(MostAllowed, Math.Floor(limit.Cost / Candidate.CostOf(1)) + 1);
        while (most >= 1 && KeyWith(most).CompareTo(limit) >= 0)
        {
            most--;
        }

        _counts!.Limit(most);
    }

    /// <summary>By what fleets are ordered: cost, then GPUs, then place in the plan.</summary>
    internal (double Cost, int Gpus, int Index) KeyWith(int replicas) =>
        (Candidate.CostOf(replicas), Candidate.GpusOf(replicas), Candidate.Index);

    internal CandidateOutcome Outcome(IReadOnlyList<CandidateSearch> found)
    {
        CandidateOutcome Of(OutcomeKind kind, int? replicas, string reason) =>
            new(Candidate, Bounds, kind, replicas, reason);
        if (Answer is { } answer)
        {
            return Of(OutcomeKind.Meets, answer, "");
        }

        if (Bounds.Problem is { } problem)
        {
            return Of(OutcomeKind.Cannot, null, problem);
        }

        if (_least > MostAllowed)
        {
            string needs = Bounds.Least > MostAllowed
                ? $"needs at least {Bounds.Least} replicas by the bounds"
                : $"the plan asks for at least {_from} replicas";
            string allowed = MostAllowed < _from ? $"the budget allows {MostAllowed}" : $"{MostAllowed} are allowed";
            return Of(OutcomeKind.Cannot, null, $"{needs}, {allowed}");
        }

        return found.Count > 0 && !_tried.Contains(MostAllowed)
            ? Of(OutcomeKind.CostsMore, null, "costs more than those found")
            : Of(OutcomeKind.Fails, MostAllowed, $"fails with {MostAllowed} replicas, and more are not allowed");
    }

    internal static CandidateOutcome Misfit(Candidate candidate) =>
        new(candidate, null, OutcomeKind.Misfit, null, candidate.Problem!);
}
