using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// Prompt and output lengths together, as a file of <c>configs/lengths</c> holds them: ranges of prompt tokens, each
/// with its own quantiles of output tokens.
/// </summary>
/// <param name="Source">Where the numbers come from: data, licence, rows.</param>
/// <param name="OutputProbabilities">The probabilities of every range's output quantiles, rising from 0 to 1.</param>
/// <param name="Bins">The ranges, rising, without overlap.</param>
public sealed record JointTable(
    string Source, IReadOnlyList<double> OutputProbabilities, IReadOnlyList<JointBin> Bins) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (string.IsNullOrWhiteSpace(Source))
        {
            yield return (nameof(Source), "found no text, expected where the numbers come from");
        }

        if (QuantileCurve.ProblemOfProbabilities(OutputProbabilities) is { } probabilities)
        {
            yield return (nameof(OutputProbabilities), probabilities);
        }

        if (Bins.Count == 0)
        {
            yield return (nameof(Bins), "found none, expected at least one range of prompt tokens");
        }

        long least = 1;
        foreach (JointBin bin in Bins)
        {
            if (bin.Problem(least, OutputProbabilities.Count) is { } problem)
            {
                yield return (nameof(Bins), $"{bin.MinPromptTokens}-{bin.MaxPromptTokens}: {problem}");
                yield break;
            }

            least = bin.MaxPromptTokens + 1L;
        }
    }
}

/// <summary>One range of prompt tokens of a <see cref="JointTable"/>.</summary>
/// <param name="MinPromptTokens">The shortest prompt; all lengths of the range are equally likely.</param>
/// <param name="MaxPromptTokens">The longest prompt.</param>
/// <param name="Weight">Its share of all requests, in any unit (of a trace, its rows).</param>
/// <param name="OutputTokens">Its output quantiles, one for each of the table's probabilities.</param>
public sealed record JointBin(
    int MinPromptTokens, int MaxPromptTokens, double Weight, IReadOnlyList<int> OutputTokens)
{
    internal string? Problem(long leastPromptTokens, int probabilities)
    {
        if (MinPromptTokens < leastPromptTokens)
        {
            return $"min_prompt_tokens: found {MinPromptTokens}, expected at least {leastPromptTokens}";
        }

        if (MaxPromptTokens < MinPromptTokens)
        {
            return $"max_prompt_tokens: found {MaxPromptTokens}, expected at least {MinPromptTokens}";
        }

        if (!(Weight > 0 && double.IsFinite(Weight)))
        {
            return $"weight: found {Weight}, expected a positive number";
        }

        return QuantileCurve.ProblemOfTokens(OutputTokens, probabilities) is { } tokens
            ? $"output_tokens: {tokens}"
            : null;
    }
}
