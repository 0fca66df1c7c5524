using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>Fits conversations: turns, the time between, how prompts grow and shrink.</summary>
internal static class SessionModel
{
    private const int Fewest = 30;
    private const double LeastGapS = 0.001;

    /// <summary>What was fitted.</summary>
    /// <param name="Options">The source.</param>
    /// <param name="FirstTurns">When sessions begin.</param>
    /// <param name="NewTokens">The tokens that a later turn adds to what was said.</param>
    /// <param name="OutputTokens">The responses.</param>
    internal sealed record Fit(
        SessionsOptions Options, double[] FirstTurns, QuantilesOptions NewTokens, QuantilesOptions OutputTokens);

    /// <summary>The fit; null where there are too few sessions of several turns.</summary>
    internal static Fit? Of(ServiceRows rows, Catalog catalog)
    {
        int[][] sessions = Conversations.BySession(rows);
        int[][] longer = Array.FindAll(sessions, s => s.Length > 1);
        if (longer.Length < Fewest)
        {
            return null;
        }

        double[] gaps = Sample.Sorted(longer.SelectMany(
            s => s.Zip(s.Skip(1), (a, b) => Math.Max(LeastGapS, rows.Times[b] - rows.Times[a]))));
        (int Before, int New)[] turns =
        [
            .. longer.Select(s => Array.FindAll(s, i => rows.Outputs[i] > 0)).SelectMany(s => s.Zip(
                s.Skip(1), (a, b) => (rows.Prompts[a], rows.Prompts[b] - rows.Prompts[a] - rows.Outputs[a]))),
        ];
        int[] grown = [.. turns.Where(t => t.New > 0).Select(t => t.New)];
        int[] firstPrompts = [.. sessions.Select(s => rows.Prompts[s[0]]).Where(p => p > 0)];
        if (grown.Length == 0 || firstPrompts.Length == 0)
        {
            return null;
        }

        SessionsOptions options = new(
            catalog.Lengths.Choose("quantiles", LengthModel.Quantiles([.. sessions.Select(s => s.Length)])),
            catalog.Gaps.Choose("quantiles", new QuantileGapsOptions(
                LengthModel.Levels,
                [.. LengthModel.Levels.Select(p => SimTime.FromSeconds(
                    Math.Round(Sample.Quantile(gaps, p)!.Value, 3)))])),
            catalog.Lengths.Choose("quantiles", LengthModel.Quantiles(firstPrompts)),
            Math.Round(1 - (grown.Length / (double)turns.Length), 4),
            rows.Prompts.Max());
        (_, int[] outputs) = rows.Successes();
        return new Fit(
            options, [.. sessions.Select(s => rows.Times[s[0]]).Order()], LengthModel.Quantiles(grown),
            LengthModel.Quantiles(outputs));
    }
}
