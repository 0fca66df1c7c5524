using ServingSim.Cluster;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Makes labels of a row's names and the scenario's labels, which win; rows of the same names share them.
/// </summary>
internal sealed class RowLabels(Labels scenario)
{
    private readonly Memo<RowNames, Labels> _labels = new(names => Make(names, scenario));

    /// <summary>The labels of a row of these names.</summary>
    internal Labels Of(in RowNames names) => _labels.Of(names);

    private static Labels Make(in RowNames names, Labels scenario)
    {
        (string Name, string? Value)[] all =
        [
            ("model", names.Model), ("log_type", names.LogType), ("session", names.Session), ("tenant", names.Tenant),
        ];
        return new Labels(all.Where(n => n.Value is not null).Select(n => KeyValuePair.Create(n.Name, n.Value!)))
            .With(scenario.Values);
    }
}
