namespace ServingSim.Experiments.Calibrating;

/// <summary>A step that was measured, or the mean of some, so that counts may be fractions.</summary>
/// <param name="PrefillTokens">Σ of the prefill chunks' tokens.</param>
/// <param name="Pairs">Pairs of a prefill token and a token that it attends to.</param>
/// <param name="Squares">Σ over the chunks of t · (2s + t), for t tokens after s.</param>
/// <param name="Decodes">Requests that decode.</param>
/// <param name="ContextTokens">Σ over the decodes of the tokens attended to.</param>
/// <param name="Ms">How long it took.</param>
public readonly record struct StepObservation(
    double PrefillTokens, double Pairs, double Squares, double Decodes, double ContextTokens, double Ms)
{
    /// <summary>Whether it only decodes.</summary>
    internal bool OnlyDecodes => PrefillTokens == 0;

    /// <summary>All tokens that the step computes.</summary>
    internal double Tokens => PrefillTokens + Decodes;

    /// <summary>A step of so many prefill tokens, in prompts of one length after a context of one length.</summary>
    internal static StepObservation Of(
        double prefillTokens, double promptTokens, double before, double decodes, double contextTokens, double ms)
    {
        double chunk = Math.Min(promptTokens, prefillTokens);
        return new StepObservation(
            prefillTokens,
            prefillTokens * (before + ((chunk + 1) / 2)),
            prefillTokens * ((2 * before) + chunk),
            decodes,
            contextTokens,
            ms);
    }
}
