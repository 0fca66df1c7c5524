using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The steps that a latency model was measured on, each limit [least, most] and a count of 0 always within it: beyond
/// them the model extrapolates.
/// </summary>
/// <param name="Decodes">Requests that decode in a step.</param>
/// <param name="ContextTokens">Σ over the decodes of the tokens attended to.</param>
/// <param name="PrefillTokens">Σ of the prefill chunks' tokens.</param>
public sealed record StepRange(
    IReadOnlyList<long> Decodes, IReadOnlyList<long> ContextTokens, IReadOnlyList<long> PrefillTokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        UnlessLimits(Decodes, nameof(Decodes)),
        UnlessLimits(ContextTokens, nameof(ContextTokens)),
        UnlessLimits(PrefillTokens, nameof(PrefillTokens)));

    /// <summary>Whether a step is within all limits.</summary>
    public bool Includes(int decodes, long contextTokens, long prefillTokens) =>
        IsWithin(decodes, Decodes) && IsWithin(contextTokens, ContextTokens) && IsWithin(prefillTokens, PrefillTokens);

    /// <summary>
    /// How many of some steps are outside, the first of which has so many decodes and context tokens and each next a
    /// token more of each decode.
    /// </summary>
    internal long CountOutside(int decodes, long contextTokens, long steps)
    {
        if (decodes == 0 || !IsWithin(decodes, Decodes))
        {
            return decodes == 0 ? 0 : steps;
        }

        // Those before the least, and those up to the most
        long below = Math.Clamp(DividedUp(ContextTokens[0] - contextTokens, decodes), 0, steps);
        long upTo = Math.Clamp(DividedUp(ContextTokens[1] - contextTokens + 1, decodes), 0, steps);
        return steps - Math.Max(0, upTo - below);
    }

    private static bool IsWithin(long count, IReadOnlyList<long> limits) =>
        count == 0 || (count >= limits[0] && count <= limits[1]);

    private static long DividedUp(long number, long by) => number <= 0 ? 0 : ((number - 1) / by) + 1;

    private static (string? Parameter, string Problem)? UnlessLimits(IReadOnlyList<long> limits, string parameter) =>
        Problem.Unless(
            limits.Count == 2 && limits[0] >= 0 && limits[0] <= limits[1], parameter,
            $"found [{string.Join(", ", limits)}], expected [least, most]");
}
