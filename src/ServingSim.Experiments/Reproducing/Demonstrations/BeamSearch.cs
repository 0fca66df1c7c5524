using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// Which choice to make in each of several windows, where choices pay and changes cost: a beam search, which keeps only
/// the best few beginnings.
/// </summary>
internal static class BeamSearch
{
    /// <summary>The best sequence that it finds: a choice for each window. Of equals the earlier choices win.</summary>
    /// <param name="gain">What a choice gives in a window; as many choices in each.</param>
    /// <param name="changeCost">What a change costs at the beginning of a window: of (window, from, to).</param>
    /// <param name="width">How many beginnings are kept; with as many as there are choices nothing is missed.</param>
    internal static IReadOnlyList<int> Best(
        IReadOnlyList<IReadOnlyList<double>> gain, Func<int, int, int, double> changeCost, int width)
    {
        Check.That(width > 0 && gain.Count > 0, $"a beam of {width} over {gain.Count} windows");
        List<Path> beam = [new Path(0, -1, null)];
        for (int window = 0; window < gain.Count; window++)
        {
            // Of two beginnings that end alike the lesser one can never win
            Path?[] best = new Path?[gain[window].Count];
            foreach (Path path in beam)
            {
                for (int choice = 0; choice < best.Length; choice++)
                {
                    double change = path.Choice < 0 ? 0 : changeCost(window, path.Choice, choice);
                    double score = path.Score + gain[window][choice] - change;
                    if (best[choice] is not { } other || score > other.Score)
                    {
                        best[choice] = new Path(score, choice, path);
                    }
                }
            }

            beam = [.. best.OfType<Path>().OrderByDescending(p => p.Score).ThenBy(p => p.Choice).Take(width)];
        }

        return beam[0].Choices();
    }

    /// <summary>A beginning: its last choice, and what came before.</summary>
    private sealed record Path(double Score, int Choice, Path? Before)
    {
        internal List<int> Choices()
        {
            List<int> choices = [];
            for (Path at = this; at.Before is not null; at = at.Before)
            {
                choices.Add(at.Choice);
            }

            choices.Reverse();
            return choices;
        }
    }
}
