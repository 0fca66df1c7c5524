namespace ServingSim.Experiments.Results;

/// <summary>What clients did beside waiting, over the whole run, warm-up included.</summary>
/// <param name="Attempts">Attempts, the first ones included.</param>
/// <param name="Retries">Those of them that were not the first.</param>
/// <param name="RefusedAttempts">Attempts that were turned away.</param>
/// <param name="TimedOutAttempts">Attempts whose clients waited too long.</param>
/// <param name="LostAttempts">Attempts that a failure took.</param>
/// <param name="BackingOff">Clients that waited to try again when the run ended.</param>
/// <param name="WastedTokens">
/// Tokens, of prompts and outputs, that replicas had computed for attempts that then timed out or were lost.
/// </param>
/// <param name="WastedOutputTokens">Output tokens that clients got of such attempts.</param>
public sealed record ClientFigures(
    long Attempts,
    long Retries,
    long RefusedAttempts,
    long TimedOutAttempts,
    long LostAttempts,
    long BackingOff,
    long WastedTokens,
    long WastedOutputTokens);
