using ServingSim.Cluster;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Makes labels of a row's names and the scenario's labels, which win; rows of the same names share them.
/// </summary>
internal sealed class RowLabels(Labels scenario)
{
    private readonly Dictionary<RowNames, Labels> _known = [];

    /// <summary>The labels of a row of these names.</summary>
    internal Labels Of(in RowNames names)
    {
        if (_known.TryGetValue(names, out Labels? labels))
        {
            return labels;
        }

        (string Name, string? Value)[] all =
        [
            ("model", names.Model), ("log_type", names.LogType), ("session", names.Session), ("tenant", names.Tenant),
        ];
        labels = new Labels(all.Where(n => n.Value is not null).Select(n => KeyValuePair.Create(n.Name, n.Value!)))
            .With(scenario.Values);
        _known.Add(names, labels);
        return labels;
    }
}
