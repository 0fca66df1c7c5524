using ServingSim.Cluster;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Makes labels of a row's names and the scenario's labels, which win; rows of the same names share them.
/// </summary>
internal sealed class RowLabels(Labels scenario)
{
    /// <summary>The label of the model that answered.</summary>
    internal const string Model = "model";

    /// <summary>The label of BurstGPT's service.</summary>
    internal const string LogType = "log_type";

    /// <summary>The label of the conversation.</summary>
    internal const string Session = "session";

    /// <summary>The label of the client's organisation.</summary>
    internal const string Tenant = "tenant";

    private readonly Memo<RowNames, Labels> _labels = new(names => Make(names, scenario));

    /// <summary>The labels of a row of these names.</summary>
    internal Labels Of(in RowNames names) => _labels.Of(names);

    private static Labels Make(in RowNames names, Labels scenario)
    {
        (string Name, string? Value)[] all =
        [
            (Model, names.Model), (LogType, names.LogType), (Session, names.Session), (Tenant, names.Tenant),
        ];
        return new Labels(all.Where(n => n.Value is not null).Select(n => KeyValuePair.Create(n.Name, n.Value!)))
            .With(scenario.Values);
    }
}
