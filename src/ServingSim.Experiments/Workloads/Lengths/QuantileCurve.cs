namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// An inverse distribution function: straight between the given quantiles, its value rounded to the nearest token,
/// halves up.
/// </summary>
internal sealed class QuantileCurve(IReadOnlyList<double> probabilities, IReadOnlyList<int> tokens)
{
    private readonly RisingNumbers _probabilities = new(probabilities);
    private readonly int[] _tokens = [.. tokens];

    /// <summary>The length that a share of <paramref name="unit"/> (0 … 1, without 1) does not exceed.</summary>
    internal int At(double unit)
    {
        int low = _probabilities.LastNotAbove(unit);
        double share = (unit - _probabilities[low]) / (_probabilities[low + 1] - _probabilities[low]);
        return (int)Math.Floor(_tokens[low] + (share * (_tokens[low + 1] - _tokens[low])) + 0.5);
    }

    internal static string? ProblemOfProbabilities(IReadOnlyList<double> probabilities)
    {
        if (probabilities.Count < 2 || probabilities[0] != 0 || probabilities[^1] != 1)
        {
            return "expected at least two numbers, the first 0 and the last 1";
        }

        for (int i = 1; i < probabilities.Count; i++)
        {
            if (!(probabilities[i] > probabilities[i - 1]))
            {
                return $"found {probabilities[i]} after {probabilities[i - 1]}, expected rising numbers";
            }
        }

        return null;
    }

    internal static string? ProblemOfTokens(IReadOnlyList<int> tokens, int probabilities)
    {
        if (tokens.Count != probabilities)
        {
            return $"found {tokens.Count} numbers, expected one for each of the {probabilities} probabilities";
        }

        for (int i = 0; i < tokens.Count; i++)
        {
            int least = i == 0 ? 1 : tokens[i - 1];
            if (tokens[i] < least)
            {
                return $"found {tokens[i]} as number {i + 1}, expected at least {least}";
            }
        }

        return null;
    }
}
