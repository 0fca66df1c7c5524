namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The rows of one model and log type of a trace.</summary>
/// <param name="Model">The model, as the file names it.</param>
/// <param name="LogType">The service, as the file names it.</param>
/// <param name="Rows">All rows.</param>
/// <param name="Failed">Rows without a response.</param>
/// <param name="FailedWithoutSize">Those of the failed without a prompt size either.</param>
/// <param name="PromptTokens">Of the rows that succeeded; null where none did.</param>
/// <param name="OutputTokens">Of the rows that succeeded; null where none did.</param>
public sealed record TraceClass(
    string Model, string LogType, long Rows, long Failed, long FailedWithoutSize, TokenStatistics? PromptTokens,
    TokenStatistics? OutputTokens);
