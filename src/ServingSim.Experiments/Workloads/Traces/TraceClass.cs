namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The rows of one model, log type and tenant of a trace.</summary>
/// <param name="Model">The model, as the file names it; null where it names none.</param>
/// <param name="LogType">The service, as the file names it; null where it names none.</param>
/// <param name="Tenant">The client's organisation, as the file names it; null where it names none.</param>
/// <param name="Rows">All rows.</param>
/// <param name="Failed">Rows without a response.</param>
/// <param name="FailedWithoutSize">Those of the failed without a prompt size either.</param>
/// <param name="PromptTokens">Of the rows that succeeded; null where none did.</param>
/// <param name="OutputTokens">Of the rows that succeeded; null where none did.</param>
public sealed record TraceClass(
    string? Model, string? LogType, string? Tenant, long Rows, long Failed, long FailedWithoutSize,
    TokenStatistics? PromptTokens, TokenStatistics? OutputTokens);
