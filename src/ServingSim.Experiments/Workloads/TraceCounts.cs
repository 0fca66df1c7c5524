namespace ServingSim.Experiments.Workloads;

/// <summary>
/// What became of the rows of a trace; the parts add up to <see cref="RowsRead"/>. Reading stops at the first row past
/// the window or a limit, so that one row outside or over the limit stands for all that follow.
/// </summary>
/// <param name="RowsRead">Data rows read from the file.</param>
/// <param name="OutsideWindow">Rows outside the time window.</param>
/// <param name="FilteredOut">Rows of another model or log type (BurstGPT only).</param>
/// <param name="Failed">Rows that failed in the trace (no response), inside all limits; never simulated.</param>
/// <param name="FailedWithoutSize">Those of the failed that carry no prompt size either.</param>
/// <param name="OverLimit">Rows read beyond the scenario's <c>requests</c> or <c>duration</c>.</param>
/// <param name="Given">Rows that became client requests.</param>
public sealed record TraceCounts(
    long RowsRead, long OutsideWindow, long FilteredOut, long Failed, long FailedWithoutSize, long OverLimit,
    long Given)
{
    /// <summary>The counts of two traces together.</summary>
    public TraceCounts Plus(TraceCounts other) => new(
        RowsRead + other.RowsRead,
        OutsideWindow + other.OutsideWindow,
        FilteredOut + other.FilteredOut,
        Failed + other.Failed,
        FailedWithoutSize + other.FailedWithoutSize,
        OverLimit + other.OverLimit,
        Given + other.Given);
}
