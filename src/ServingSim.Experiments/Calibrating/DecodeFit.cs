using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Decode steps as affine functions of batch and contexts, with breaks where the data ask for them.</summary>
internal static class DecodeFit
{
    private const int MostPieces = 4;
    private const int RowsPerCoefficient = 3;
    private const int Coefficients = 3;

    /// <summary>The pieces, the first from 1 decode on; none without steps.</summary>
    internal static IReadOnlyList<LinearDecode> Of(IReadOnlyList<StepObservation> steps)
    {
        if (steps.Count == 0)
        {
            return [];
        }

        List<int> breaks = [1];
        double score = Score(steps, breaks);
        while (breaks.Count < MostPieces)
        {
            // The break that helps most, if it is worth its coefficients (Bayesian information criterion)
            (int Break, double Score)? best = null;
            foreach (int candidate in steps.Select(s => (int)Math.Ceiling(s.Decodes)).Distinct().Except(breaks).Order())
            {
                List<int> with = [.. breaks, candidate];
                with.Sort();
                if (Score(steps, with) is var s && s < (best?.Score ?? score))
                {
                    best = (candidate, s);
                }
            }

            if (best is null)
            {
                break;
            }

            breaks.Add(best.Value.Break);
            breaks.Sort();
            score = best.Value.Score;
        }

        return new ValueList<LinearDecode>(
            Pieces(steps, breaks).Select(piece =>
            {
                double[] c = RelativeFit.Of(Features(piece.Steps)).Coefficients;
                return new LinearDecode(
                    RelativeFit.Rounded(c[0]), RelativeFit.Rounded(c[1]), RelativeFit.Rounded(c[2]), piece.From);
            }));
    }

    /// <summary>What pieces say of a step, in ms.</summary>
    internal static double Ms(IReadOnlyList<LinearDecode> pieces, StepObservation step)
    {
        LinearDecode piece = PieceFor(pieces, step.Decodes);
        return piece.BaseMs + (piece.MsPerContextToken * step.ContextTokens) + (piece.MsPerDecode * step.Decodes);
    }

    /// <summary>The piece that holds for a batch.</summary>
    internal static LinearDecode PieceFor(IReadOnlyList<LinearDecode> pieces, double decodes) =>
        pieces.Last(piece => piece.FromDecodes <= Math.Max(1, decodes));

    private static double Score(IReadOnlyList<StepObservation> steps, List<int> breaks)
    {
        var pieces = Pieces(steps, breaks).ToList();
        if (breaks.Count > 1 && pieces.Any(p => p.Steps.Count < RowsPerCoefficient * Coefficients))
        {
            return double.PositiveInfinity;
        }

        double squares = pieces.Sum(p => RelativeFit.Of(Features(p.Steps)).Squares);
        double perStep = Math.Max(squares / steps.Count, 1e-12);
        return (steps.Count * Math.Log(perStep)) + (Coefficients * breaks.Count * Math.Log(steps.Count));
    }

    private static IEnumerable<(int From, List<StepObservation> Steps)> Pieces(
        IReadOnlyList<StepObservation> steps, List<int> breaks) => breaks.Select((from, i) => (
            from,
            steps.Where(s => (i == 0 || s.Decodes >= from) && (i + 1 == breaks.Count || s.Decodes < breaks[i + 1]))
                .ToList()));

    private static List<(double[] Features, double Ms)> Features(List<StepObservation> steps) =>
        [.. steps.Select(s => (new[] { 1, s.ContextTokens, s.Decodes }, s.Ms))];
}
