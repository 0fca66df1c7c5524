namespace ServingSim.Experiments.Results;

/// <summary>What became of some client requests, by final outcome.</summary>
/// <param name="Completed">All their tokens were generated.</param>
/// <param name="Refused">They were turned away.</param>
/// <param name="Aborted">Their client gave up.</param>
/// <param name="Lost">A failure took them.</param>
/// <param name="Unfinished">The run ended before they did.</param>
public sealed record RequestCounts(long Completed, long Refused, long Aborted, long Lost, long Unfinished)
{
    /// <summary>All of them.</summary>
    public long Arrived => Completed + Failed + Unfinished;

    /// <summary>Refused, aborted and lost ones.</summary>
    public long Failed => Refused + Aborted + Lost;
}
