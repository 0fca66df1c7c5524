namespace ServingSim.Experiments.Scenarios;

/// <summary>A part that a scenario chose, whatever it makes.</summary>
public interface IPartChoice
{
    /// <summary>The part's name in YAML.</summary>
    string Name { get; }

    /// <summary>The part's options; null where it takes none.</summary>
    object? Options { get; }
}
