using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Every combination of the values of each path.</summary>
/// <param name="Axes">For each path of the scenario the values that are tried.</param>
public sealed record GridOptions(IReadOnlyDictionary<string, IReadOnlyList<ConfigNode>> Axes) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Axes.Count == 0)
        {
            yield return (nameof(Axes), "the grid is empty, expected at least one path with values");
        }

        foreach (string path in Axes.Where(a => a.Value.Count == 0).Select(a => a.Key))
        {
            yield return (nameof(Axes), $"{path} has no values, so the grid is empty; expected at least one");
        }
    }
}

/// <summary>The points of a grid, the last path changing fastest.</summary>
internal sealed class Grid(GridOptions options) : IPointSet
{
    /// <inheritdoc/>
    public long Count => options.Axes.Values.Aggregate(
        1L, (count, values) => count > Sweep.MostUnits ? count : count * values.Count);

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<KeyValuePair<string, ConfigNode>>> Points() =>
        options.Axes.Aggregate<
            KeyValuePair<string, IReadOnlyList<ConfigNode>>, IEnumerable<KeyValuePair<string, ConfigNode>[]>>(
            [[]],
            (points, axis) =>
                from point in points
                from value in axis.Value
                select (KeyValuePair<string, ConfigNode>[])[.. point, KeyValuePair.Create(axis.Key, value)]);
}
