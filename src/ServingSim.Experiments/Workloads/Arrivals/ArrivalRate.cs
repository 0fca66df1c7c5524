namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>What arrival processes have in common.</summary>
internal static class ArrivalRate
{
    /// <summary>The stream of the gaps, keyed by the request's index.</summary>
    internal const string Stream = "arrivals";

    // At the least rate the mean gap is 11.6 days, a hundredth of the clock's range
    internal static IEnumerable<(string? Parameter, string Problem)> Problems(string parameter, double ratePerS) =>
        ratePerS is >= 1e-6 and <= 1e6
            ? []
            : [(parameter, $"found {ratePerS}, expected a number from 1e-6 to 1e6")];

    /// <summary>What is wrong with a shape of Gamma gaps.</summary>
    internal static IEnumerable<(string? Parameter, string Problem)> ShapeProblems(string parameter, double shape) =>
        shape is >= 0.01 and <= 1e6
            ? []
            : [(parameter, $"found {shape}, expected a number from 0.01 to 1e6")];
}
