namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What became of the rows of a trace that was written in another format.</summary>
/// <param name="Input">The file that was read, as the user named it.</param>
/// <param name="From">Its format.</param>
/// <param name="Output">The file that was written, as the user named it.</param>
/// <param name="To">Its format.</param>
/// <param name="RowsRead">Data rows read.</param>
/// <param name="Failed">Rows without a response, which are dropped.</param>
/// <param name="FailedWithoutSize">Those of the failed without a prompt size either.</param>
/// <param name="RowsWritten">Rows written.</param>
/// <param name="Lost">What the format cannot hold and in how many of the written rows, by name.</param>
/// <param name="Notes">What changed otherwise.</param>
public sealed record TraceConversion(
    string Input, TraceFormat From, string Output, TraceFormat To, long RowsRead, long Failed, long FailedWithoutSize,
    long RowsWritten, IReadOnlyList<(string What, long Rows)> Lost, IReadOnlyList<string> Notes);
