namespace ServingSim.Experiments.Describing;

/// <summary>The rows of a trace that name the same model, log type and tenant.</summary>
/// <param name="Model">The model, as the file names it; null where it names none.</param>
/// <param name="LogType">The kind of service, as the file names it; null where it names none.</param>
/// <param name="Tenant">The client's organisation, likewise.</param>
public sealed record TraceService(string? Model, string? LogType, string? Tenant)
{
    /// <summary>What tables call it: "GPT-4, API log"; "all" where the file names nothing.</summary>
    public string Name => string.Join(
        ", ", new[] { Model, LogType, Tenant }.OfType<string>()) is { Length: > 0 } name ? name : TraceColumns.All;
}
