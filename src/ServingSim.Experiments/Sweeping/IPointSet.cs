using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Where in the space of scenarios a sweep looks.</summary>
public interface IPointSet
{
    /// <summary>How many points there are.</summary>
    long Count { get; }

    /// <summary>The points in order; each has a value for some paths of the scenario.</summary>
    IEnumerable<IReadOnlyList<KeyValuePair<string, ConfigNode>>> Points();
}
