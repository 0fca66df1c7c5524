namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>How long prompts or outputs are, in tokens; percentiles interpolate linearly (rank (n - 1) p).</summary>
/// <param name="Mean">The mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">What 90 % do not exceed.</param>
/// <param name="P99">What 99 % do not exceed.</param>
/// <param name="Max">The longest.</param>
public sealed record TokenStatistics(double Mean, double P50, double P90, double P99, int Max);
