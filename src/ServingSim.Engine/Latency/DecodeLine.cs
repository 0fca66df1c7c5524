namespace ServingSim.Engine.Latency;

/// <summary>
/// The times of steps that only decode, for one number of requests: a straight line over the context tokens.
/// </summary>
/// <param name="Time">The time of a step at the number of context tokens that was asked for.</param>
/// <param name="TicksPerContextToken">
/// What a step takes longer on the device for each context token more, in ticks; its host time stays the same.
/// </param>
/// <param name="LastContextTokens">The line holds from there up to so many context tokens.</param>
public readonly record struct DecodeLine(
    StepTime Time, long TicksPerContextToken, long LastContextTokens = long.MaxValue);
