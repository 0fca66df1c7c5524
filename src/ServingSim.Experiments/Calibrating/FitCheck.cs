using System.Globalization;
using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Whether a fit tells anything of rows that it did not see: more than one number for all of them would.
/// </summary>
internal static class FitCheck
{
    private const int Folds = 5;

    /// <summary>As many rows a handful of coefficients cannot fit by chance, whether it saw them or not.</summary>
    private const int ManyRows = 1000;

    /// <summary>A fit may be off by this share of what a constant is off by, or be this near, in the median.</summary>
    private const double ShareOfConstant = 0.7;

    /// <summary>It must take this share of a constant's squared errors away.</summary>
    private const double LeastExplained = 0.3;

    private const double NearInTheMedian = 0.05;

    /// <summary>Why the rows cannot be told by such a model; null where they can.</summary>
    /// <param name="part">What fits.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="compared">All rows beside what the fit says.</param>
    /// <param name="heldOut">The rows that the fit did not see.</param>
    internal static string? Problem(
        ICalibration part, IReadOnlyList<MeasuredRow> rows, List<ComparedStep> compared, HashSet<MeasuredRow> heldOut)
    {
        bool areOperators = rows.Any(row => row.Shape >= MeasuredShape.Gemm);
        List<ComparedStep> unseen = areOperators ? compared.FindAll(step => heldOut.Contains(step.Row))
            : rows.Count >= ManyRows ? compared
            : [.. Enumerable.Range(0, Folds).SelectMany(fold => Unseen(part, rows, fold))];
        if (unseen.Count == 0)
        {
            return null;
        }

        double[] errors = [.. unseen.Select(step => Math.Abs(step.Error))];
        double constant = ConstantOf(unseen);
        double[] ofConstant = [.. unseen.Select(step => Math.Abs((constant / step.MeasuredMs) - 1))];

        // Tables of operators have a few rows that are off by so much that squares tell only of those
        double explained = areOperators ? 1 : 1 - (errors.Sum(e => e * e) / ofConstant.Sum(e => e * e));
        bool isBetter = errors.Median() <= ShareOfConstant * ofConstant.Median() && explained >= LeastExplained;
        return isBetter || errors.Median() <= NearInTheMedian ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"found times that do not follow from what was computed: on rows held out the fit is off by "
                + $"{errors.Median():0.0 %} in the median, and {constant:0.###} ms for every row by "
                + $"{ofConstant.Median():0.0 %}; expected a fit that tells more than one number does");
    }

    /// <summary>What a fit to the other rows says of every fifth of them.</summary>
    private static IEnumerable<ComparedStep> Unseen(ICalibration part, IReadOnlyList<MeasuredRow> rows, int fold)
    {
        HashSet<MeasuredRow> left =
            [.. rows.OrderBy(row => row.Hash, StringComparer.Ordinal).Where((_, place) => place % Folds == fold)];
        HashSet<MeasuredRow> seen = [.. rows.Where(row => !left.Contains(row))];
        return part.Problem([.. seen]) is null
            ? part.Compare(part.Fit(rows, seen), rows).Where(step => left.Contains(step.Row))
            : [];
    }

    /// <summary>The number with the least squared relative errors.</summary>
    private static double ConstantOf(List<ComparedStep> steps) =>
        steps.Sum(s => 1 / s.MeasuredMs) / steps.Sum(s => 1 / (s.MeasuredMs * s.MeasuredMs));
}
