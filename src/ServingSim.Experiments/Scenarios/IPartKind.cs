namespace ServingSim.Experiments.Scenarios;

/// <summary>The parts of one kind, whatever they make.</summary>
public interface IPartKind
{
    /// <summary>What such a part is called, such as "eviction policy".</summary>
    string Name { get; }

    /// <summary>The <see cref="PartChoice{TPart,TContext}"/> that a scenario's records use for this kind.</summary>
    Type ChoiceType { get; }

    /// <summary>The parts, in the order in which they were added.</summary>
    IReadOnlyList<IPart> Parts { get; }
}
