namespace ServingSim.Report;

/// <summary>The time to first token of the requests whose first token came during one window.</summary>
/// <param name="StartS">Where the window starts, in seconds since the start.</param>
/// <param name="P50S">The 50th percentile, in seconds.</param>
/// <param name="P99S">The 99th percentile, in seconds.</param>
public sealed record TtftWindow(double StartS, double P50S, double P99S);
