using System.Collections.Immutable;

namespace ServingSim.Experiments.Results;

/// <summary>
/// What a run's figures would be if its step times were wrong by as much as they are said to be: the same requests,
/// with all steps as fast and as slow.
/// </summary>
/// <param name="Low">With all steps as fast as they may be.</param>
/// <param name="High">With all steps as slow as they may be.</param>
public sealed record StepTimeBand(BandRun Low, BandRun High)
{
    /// <summary>The three runs from fast to slow steps, by what <c>summary.json</c> calls them.</summary>
    /// <param name="central">The run with step times as predicted.</param>
    public IReadOnlyList<KeyValuePair<string, BandRun>> Runs(Summary central) =>
    [
        new("low", Low),
        new("central", new BandRun(
            Low.StepTimeFactors.ToImmutableSortedDictionary(f => f.Key, _ => 1.0, StringComparer.Ordinal),
            central.Overall)),
        new("high", High),
    ];
}

/// <summary>A run of a <see cref="StepTimeBand"/>.</summary>
/// <param name="StepTimeFactors">What each pool's step times on the device were multiplied by.</param>
/// <param name="Overall">The figures of all requests that count.</param>
public sealed record BandRun(ImmutableSortedDictionary<string, double> StepTimeFactors, SummaryBlock Overall);
