namespace ServingSim.Experiments.Results;

/// <summary>What faults did, over the whole run, warm-up included.</summary>
/// <param name="Faults">Each of them, in order.</param>
/// <param name="RecomputedTokens">
/// Tokens that broken replicas had computed and that were computed again for a later attempt.
/// </param>
public sealed record FaultFigures(IReadOnlyList<FaultRecord> Faults, long RecomputedTokens)
{
    /// <summary>Attempts that they took.</summary>
    public long LostAttempts => Faults.Sum(f => f.LostAttempts);

    /// <summary>Transfers over links that they struck.</summary>
    public long Transfers => Faults.Sum(f => f.Transfers);

    /// <summary>Tokens of running and prefilled requests whose KV was lost.</summary>
    public long LostTokens => Faults.Sum(f => f.LostTokens);

    /// <summary>After how many goodput came back.</summary>
    public int GoodputBack => Faults.Count(f => f.GoodputBackS is not null);

    /// <summary>How long that took on average, in seconds; null if it never did.</summary>
    public double? MeanGoodputBackS => Faults.Average(f => f.GoodputBackS);

    /// <summary>How long that took at most, in seconds; null if it never did.</summary>
    public double? MostGoodputBackS => Faults.Max(f => f.GoodputBackS);

    /// <summary>How long routers went on sending requests, on average, in seconds; null if they always did.</summary>
    public double? MeanNoticedS => Faults.Average(f => f.NoticedS);
}
