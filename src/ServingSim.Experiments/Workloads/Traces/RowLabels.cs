using ServingSim.Cluster;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Makes labels of two of a row's values and the scenario's labels, which win; rows of the same values share them.
/// </summary>
internal sealed class RowLabels(string firstName, string secondName, Labels scenario)
{
    private readonly Dictionary<(string? First, string? Second), Labels> _known = [];

    /// <summary>The labels of a row with these values; null where it has no such value.</summary>
    internal Labels Of(string? first, string? second)
    {
        if (_known.TryGetValue((first, second), out Labels? labels))
        {
            return labels;
        }

        Dictionary<string, string> values = [];
        if (first is not null)
        {
            values[firstName] = first;
        }

        if (second is not null)
        {
            values[secondName] = second;
        }

        foreach ((string name, string value) in scenario.Values)
        {
            values[name] = value;
        }

        labels = new Labels(values);
        _known.Add((first, second), labels);
        return labels;
    }
}
