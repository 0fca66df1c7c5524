using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>quantile-table</c>.</summary>
/// <param name="Path">The table: a name in <c>configs/lengths</c> or a path.</param>
public sealed record QuantileTableOptions(NamedFile<QuantileTable> Path);

/// <summary>
/// Lengths as a quantile table has them: straight between its points, rounded to the nearest token, halves up.
/// </summary>
public sealed class QuantileTableLengths(QuantileTableOptions options) : ILengths
{
    private readonly QuantileCurve _curve = new(options.Path.Value.Probabilities, options.Path.Value.Tokens);

    /// <inheritdoc/>
    public int Draw(ref Draws draws) => _curve.At(draws.NextUnit());
}
