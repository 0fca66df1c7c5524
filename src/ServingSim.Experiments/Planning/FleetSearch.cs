namespace ServingSim.Experiments.Planning;

/// <summary>
/// Finds the cheapest fleets, each of another candidate: the least number of replicas of each that meets the goals,
/// without those that cannot be among the cheapest. A few candidates at a time, those first that may be cheapest by
/// the analytic estimates; what has been found limits how dear the others may be.
/// </summary>
internal sealed class FleetSearch(IReadOnlyList<CandidateSearch> searches, int wanted, Trials trials)
{
    // More at a time keep more processors busy, but know less of what others found; the first tells where to begin
    private const int AtATime = 4;

    private readonly List<CandidateSearch> _found = [];
    private double _ratio = 1;

    /// <summary>The cheapest fleets, cheapest first.</summary>
    internal IReadOnlyList<CandidateSearch> Found => [.. _found.Take(wanted)];

    internal void Run()
    {
        CandidateSearch[] order =
        [
            .. searches.Where(s => s.IsWorthRunning).OrderBy(s => s.KeyWith(s.Guess)),
        ];
        for (int done = 0; done < order.Length;)
        {
            CandidateSearch[] wave = order[done..Math.Min(order.Length, done + (_found.Count == 0 ? 1 : AtATime))];
            done += wave.Length;
            foreach (CandidateSearch search in wave)
            {
                search.Begin(_ratio);
            }

            Search(wave);
        }
    }

    private void Search(CandidateSearch[] wave)
    {
        while (Limited(wave) is { Length: > 0 } asking)
        {
            IReadOnlyList<bool> isEnough = trials.Meet([.. asking.Select(s => s.Try(s.Next!.Value))]);
            for (int i = 0; i < asking.Length; i++)
            {
                asking[i].Tell(isEnough[i]);
            }

            Keep(wave);
        }
    }

    private CandidateSearch[] Limited(CandidateSearch[] wave)
    {
        foreach (CandidateSearch search in wave.Where(s => _found.Count >= wanted && !_found.Contains(s)))
        {
            search.LimitBelow(_found[wanted - 1]);
        }

        return [.. wave.Where(s => s.Next is not null)];
    }

    private void Keep(CandidateSearch[] wave)
    {
        foreach (CandidateSearch search in wave.Where(s => s.Answer is not null && !_found.Contains(s)))
        {
            if (_found.Count == 0)
            {
                _ratio = (double)search.Answer!.Value / search.Guess;
            }

            _found.Add(search);
        }

        _found.Sort((a, b) => a.KeyWith(a.Answer!.Value).CompareTo(b.KeyWith(b.Answer!.Value)));
    }
}
