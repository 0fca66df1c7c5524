namespace ServingSim.Experiments.Scenarios;

/// <summary>One part that a scenario can name.</summary>
public interface IPart
{
    /// <summary>Its name in YAML.</summary>
    string Name { get; }

    /// <summary>What it does, in one line.</summary>
    string Summary { get; }

    /// <summary>The record whose constructor parameters are its options; null where it takes none.</summary>
    Type? OptionsType { get; }

    /// <summary>A choice of this part with these options, which are of <see cref="OptionsType"/>.</summary>
    IPartChoice Choose(object? options);
}
