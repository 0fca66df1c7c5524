namespace ServingSim.Experiments.Results;

/// <summary>How evenly requests with different values of a label are treated.</summary>
public static class Fairness
{
    /// <summary>
    /// Jain's index, (Σx)² / (n · Σx²): 1 where all x are equal, 1/n where one has everything (Jain, Chiu and Hawe
    /// 1984); null where there is none, or all are 0.
    /// </summary>
    public static double? Jain(IReadOnlyCollection<double> x)
    {
        double squares = x.Sum(value => value * value);
        return squares > 0 ? x.Sum() * x.Sum() / (x.Count * squares) : null;
    }

    /// <summary>
    /// Jain's index of what each value's requests got: the share within their SLO, or, where a value has none, the
    /// share completed.
    /// </summary>
    public static double? Of(IEnumerable<SummaryBlock> values) => Jain(
    [
        .. values.Where(b => b.Counts.Arrived > 0)
            .Select(b => b.Attainment ?? ((double)b.Counts.Completed / b.Counts.Arrived)),
    ]);
}
