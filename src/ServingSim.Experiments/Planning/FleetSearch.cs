namespace ServingSim.Experiments.Planning;

/// <summary>
/// Finds the cheapest fleets, each of another candidate: the least number of replicas of each that meets the goals,
/// without those that cannot be among the cheapest. A few candidates at a time, those first that could be cheapest by
/// the bounds; what has been found limits how dear the others may be.
/// </summary>
internal sealed class FleetSearch(IReadOnlyList<CandidateSearch> searches, int wanted, Trials trials)
{
    // More at a time keep more processors busy, but know less of what others found; the first tells where to begin
    private const int AtATime = 4;
    private const int RuledOutTried = 3;

    private readonly List<CandidateSearch> _found = [];
    private double _ratio = 1;

    /// <summary>The cheapest fleets, cheapest first.</summary>
    internal IReadOnlyList<CandidateSearch> Found => [.. _found.Take(wanted)];

    internal void Run()
    {
        CandidateSearch[] order =
        [
            .. searches.Where(s => s.IsWorthRunning).OrderBy(s => s.KeyWith(s.Least)),
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

        if (_found.Count == 0)
        {
            SearchRuledOut();
        }
    }

    /// <summary>
    /// Nothing else meets the goals: the bounds are of means, so that some of what they rule out may do.
    /// </summary>
    private void SearchRuledOut()
    {
        CandidateSearch[] nearest =
        [
            .. searches.Where(s => !s.IsWorthRunning && s.CountsAllowed > 0)
                .OrderBy(s => (double)s.Least / s.MostAllowed)
                .ThenBy(s => s.Candidate.Index)
                .Take(RuledOutTried),
        ];
        foreach (CandidateSearch search in nearest)
        {
            search.BeginAtMost();
        }

        Search(nearest);
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
            if (_found.Count == 0 && search.Bounds.Estimate is { } estimate)
            {
                _ratio = (double)search.Answer!.Value / estimate;
            }

            _found.Add(search);
        }

        _found.Sort((a, b) => a.KeyWith(a.Answer!.Value).CompareTo(b.KeyWith(b.Answer!.Value)));
    }
}
