using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// Lengths as a quantile table has them: straight between its points, rounded to the nearest token, halves up.
/// </summary>
public sealed class QuantileTableLengths(QuantileTable table) : ILengths
{
    private readonly QuantileCurve _curve = new(table.Probabilities, table.Tokens);

    /// <inheritdoc/>
    public int Draw(ref Draws draws) => _curve.At(draws.NextUnit());
}
