using System.Collections.Immutable;

namespace ServingSim.Cluster;

/// <summary>
/// What a client request is labelled with (model, service, tenant, …): names and values that travel into SLOs, records
/// and summaries. Few different sets exist in a run; a workload makes each once and shares it.
/// </summary>
public sealed class Labels : IEquatable<Labels>
{
    private readonly string _text;
    private readonly int _hashCode;

    /// <summary>A set of labels; the order of names does not matter.</summary>
    public Labels(IEnumerable<KeyValuePair<string, string>> values)
    {
        Values = values.ToImmutableSortedDictionary(StringComparer.Ordinal);
        _text = string.Join(';', Values.Select(v => $"{v.Key}={v.Value}"));
        _hashCode = string.GetHashCode(_text, StringComparison.Ordinal);
    }

    /// <summary>No labels.</summary>
    public static Labels None { get; } = new([]);

    /// <summary>Names and values, sorted by name.</summary>
    public ImmutableSortedDictionary<string, string> Values { get; }

    /// <summary>The value of a label, or null where the request has none of that name.</summary>
    public string? this[string name] => Values.GetValueOrDefault(name);

    /// <summary>These labels and others; where both have one of a name, the other holds.</summary>
    public Labels With(IEnumerable<KeyValuePair<string, string>> others) => new(Values.SetItems(others));

    /// <inheritdoc/>
    public bool Equals(Labels? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    /// <summary>"model=GPT-4;service=conversation", sorted by name.</summary>
    public override string ToString() => _text;
}
