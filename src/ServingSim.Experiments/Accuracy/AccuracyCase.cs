using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>One measured workload, and the scenario that should give the same.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Group">What it is summed up by.</param>
/// <param name="Source">The file that it was measured in, with a line where it is one row; empty for none.</param>
/// <param name="Scenario">What is run.</param>
/// <param name="Measured">The scored figures, by their names in summary.json, in order.</param>
/// <param name="Requests">The scored requests of a log, by their number; empty for none.</param>
/// <param name="InSample">How the latency model knew these measurements; null if it did not.</param>
public sealed record AccuracyCase(
    string Name,
    string Group,
    string Source,
    LoadedScenario Scenario,
    IReadOnlyList<KeyValuePair<string, double>> Measured,
    IReadOnlyDictionary<long, MeasuredRequest> Requests,
    string? InSample)
{
    /// <summary>Where the step times come from: of each pool, in one line.</summary>
    public string StepTimes => string.Join(
        "; ", Scenario.Scenario.Cluster.Pools.Values.Select(p => p.Latency.Provenance).Distinct());
}

/// <summary>What a log says of one request.</summary>
/// <param name="ArrivalS">When it arrived, in seconds.</param>
/// <param name="OutputTokens">The tokens that it was asked to generate.</param>
/// <param name="TtftMs">Time to first token, in ms; null where the log does not tell.</param>
/// <param name="E2elMs">End-to-end latency, in ms; null where the log does not tell.</param>
public sealed record MeasuredRequest(double ArrivalS, int OutputTokens, double? TtftMs, double? E2elMs)
{
    /// <summary>Time per output token, in ms; null where it does not follow.</summary>
    public double? TpotMs => OutputTokens > 1 ? (E2elMs - TtftMs) / (OutputTokens - 1) : null;
}
