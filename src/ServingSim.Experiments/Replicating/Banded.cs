namespace ServingSim.Experiments.Replicating;

/// <summary>
/// What comes out with step times as predicted, and with all of them wrong by as much as they are said to be.
/// </summary>
/// <param name="Low">With all steps as fast as they may be.</param>
/// <param name="Central">With step times as predicted.</param>
/// <param name="High">With all steps as slow as they may be.</param>
public sealed record Banded<T>(T Low, T Central, T High)
{
    /// <summary>From fast to slow steps, by what tables and files call them.</summary>
    public IReadOnlyList<KeyValuePair<string, T>> Runs => [new("low", Low), new("central", Central), new("high", High)];
}
