using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// How fast and how slow all steps of a pool together may really be: factors of what its latency model says.
/// </summary>
/// <param name="Low">At the fast end, in parts per million; at most <see cref="ScaledLatency.Unscaled"/>.</param>
/// <param name="High">At the slow end, in parts per million; at least <see cref="ScaledLatency.Unscaled"/>.</param>
public readonly record struct LatencyBand(int Low, int High)
{
    // The middle of the 10-40 % by which the roofline is off where nothing was measured
    private const double RooflineError = 0.25;

    /// <summary>The band of a model that does not say how far it may be off: none.</summary>
    public static LatencyBand None { get; } = new(ScaledLatency.Unscaled, ScaledLatency.Unscaled);

    /// <summary>The band of the roofline with the data sheet's numbers.</summary>
    public static LatencyBand OfRoofline { get; } = Of(-RooflineError, RooflineError);

    /// <summary>
    /// The middle half of what a model was off by. Operators that are too slow and too fast cancel out in a step, steps
    /// do in a run, so that the tails of the residuals (p5, p95) are no whole run's; their middle half is what a model
    /// is off by on typical rows, and agrees with the median error on held-out rows.
    /// </summary>
    public static LatencyBand Of(Residuals residuals) => Of(residuals.P25, residuals.P75);

    /// <summary>
    /// The band between two values of predicted / measured − 1 = r, as measured = predicted / (1 + r). It holds the
    /// prediction itself, also where both are on one side of it.
    /// </summary>
    private static LatencyBand Of(double least, double most) =>
        new(Factor(Math.Max(0, most)), Factor(Math.Min(0, least)));

    private static int Factor(double error) => (int)Math.Clamp(
        Math.Round(ScaledLatency.Unscaled / (1 + error)), 1, int.MaxValue);
}
