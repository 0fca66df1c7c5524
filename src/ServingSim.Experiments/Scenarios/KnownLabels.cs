using System.Collections.Immutable;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// The labels that requests of a workload can have, as far as its section tells: a trace's rows may have less.
/// </summary>
internal sealed class KnownLabels
{
    /// <summary>The values of each label; null where they are not known before the run.</summary>
    private readonly SortedDictionary<string, SortedSet<string>?> _values = new(StringComparer.Ordinal);

    /// <summary>Whether requests come from elsewhere than a file's sections.</summary>
    private bool _isOpen;

    private KnownLabels()
    {
    }

    /// <summary>Those of a workload.</summary>
    internal static KnownLabels Of(WorkloadSection workload)
    {
        KnownLabels labels = new();
        labels.Add(workload, ImmutableDictionary<string, string>.Empty);
        return labels;
    }

    /// <summary>What is wrong with a label that is asked for; null if some request can have it.</summary>
    internal string? ProblemOf(string label) => _isOpen || _values.ContainsKey(label)
        ? null
        : $"found {Names.Quote(label)}, a label that no request has{Names.Known(label, _values.Keys)}";

    /// <summary>The same of its value.</summary>
    internal string? ProblemOf(string label, string value) =>
        _isOpen || !_values.TryGetValue(label, out SortedSet<string>? values) || values?.Contains(value) != false
            ? null
            : $"found {Names.Quote(value)}, which is label {Names.Quote(label)} of no request"
                + Names.Known(value, values);

    private void Add(WorkloadSection section, ImmutableDictionary<string, string> outer)
    {
        ImmutableDictionary<string, string> labels = outer.SetItems(section.Labels);
        if (section.Source.Options is MixOptions mix)
        {
            foreach (WorkloadSection part in mix.Parts)
            {
                Add(part, labels);
            }

            return;
        }

        IEnumerable<string>? own = OwnOf(section.Source.Options);
        _isOpen |= own is null;
        foreach (string label in own ?? [])
        {
            // A scenario's labels win over those of rows
            if (label == SessionsWorkload.Label || !labels.ContainsKey(label))
            {
                _values[label] = null;
            }
        }

        foreach ((string label, string value) in labels)
        {
            if (!_values.TryGetValue(label, out SortedSet<string>? values))
            {
                _values.Add(label, values = new SortedSet<string>(StringComparer.Ordinal));
            }

            values?.Add(value);
        }
    }

    /// <summary>The labels that a source gives of its own accord; null where nobody knows.</summary>
    private static IEnumerable<string>? OwnOf(object? source) => source switch
    {
        ITraceOptions trace => trace.RowLabels,
        PerfTraceOptions => [RowLabels.Model, RowLabels.LogType],
        SessionsOptions => [SessionsWorkload.Label],
        SyntheticOptions or ServiceOptions or ClosedLoopOptions or BurstGptPerfOptions => [],
        _ => null,
    };
}
