using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Points one by one.</summary>
/// <param name="Items">The points, each with a value for some paths of the scenario.</param>
public sealed record PointListOptions(IReadOnlyList<IReadOnlyDictionary<string, ConfigNode>> Items) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Items.Count == 0)
        {
            yield return (nameof(Items), "the list is empty, expected at least one point");
        }
    }
}

/// <summary>The points of a list, in its order.</summary>
internal sealed class PointList(PointListOptions options) : IPointSet
{
    /// <inheritdoc/>
    public long Count => options.Items.Count;

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<KeyValuePair<string, ConfigNode>>> Points() =>
        options.Items.Select(p => p.ToArray());
}
