namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What a row of a trace is named by, as the file writes it; null what it does not tell.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="LogType">The service.</param>
/// <param name="Session">The conversation.</param>
/// <param name="Tenant">The client's organisation.</param>
internal readonly record struct RowNames(
    string? Model = null, string? LogType = null, string? Session = null, string? Tenant = null);
