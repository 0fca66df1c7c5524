namespace ServingSim.Experiments.Scenarios;

/// <summary>A part that a scenario chose, with its options. Two are equal when name and options are.</summary>
/// <typeparam name="TPart">What the part makes.</typeparam>
/// <typeparam name="TContext">What it needs beside its options.</typeparam>
public sealed class PartChoice<TPart, TContext> : IPartChoice, IEquatable<PartChoice<TPart, TContext>>
{
    private readonly Func<TContext, TPart> _create;

    internal PartChoice(string name, object? options, Func<TContext, TPart> create)
    {
        Name = name;
        Options = options;
        _create = create;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public object? Options { get; }

    /// <summary>A new part of this choice.</summary>
    public TPart Create(TContext context) => _create(context);

    /// <inheritdoc/>
    public bool Equals(PartChoice<TPart, TContext>? other) =>
        other is not null && Name == other.Name && Equals(Options, other.Options);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PartChoice<TPart, TContext>);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Name, StringComparison.Ordinal);

    /// <summary>"slru SlruOptions { ProtectedHits = 3 }".</summary>
    public override string ToString() => Options is null ? Name : $"{Name} {Options}";
}
