using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Least squares on relative errors with coefficients that are 0 or more: a step of 1 ms counts as much as one of
/// 100 ms, and nothing makes a step shorter.
/// </summary>
internal static class RelativeFit
{
    private const int Digits = 6;

    /// <summary>The coefficients, one a column of the rows' features, and the sum of squared relative errors.</summary>
    internal static (double[] Coefficients, double Squares) Of(IReadOnlyList<(double[] Features, double Ms)> rows)
    {
        int columns = rows[0].Features.Length;
        double[] scales = [.. Enumerable.Range(0, columns).Select(c =>
            Math.Sqrt(rows.Sum(r => r.Features[c] / r.Ms * (r.Features[c] / r.Ms))))];
        Vector<double> ones = Vector<double>.Build.Dense(rows.Count, 1);
        (double[] Coefficients, double Squares) best = (new double[columns], rows.Count);

        // Every set of columns, for there are few: the best whose coefficients are all positive is the answer
        for (int set = 1; set < 1 << columns; set++)
        {
            int[] used = [.. Enumerable.Range(0, columns).Where(c => (set & (1 << c)) != 0)];
            if (used.Length > rows.Count || used.Any(c => scales[c] == 0))
            {
                continue;
            }

            Matrix<double> a = Matrix<double>.Build.Dense(
                rows.Count, used.Length, (r, c) => rows[r].Features[used[c]] / rows[r].Ms / scales[used[c]]);
            Vector<double> x = a.QR().Solve(ones);
            double squares = (ones - (a * x)).DotProduct(ones - (a * x));

            // Columns that say the same give no new answer
            if (x.All(v => double.IsFinite(v) && v >= 0) && squares < best.Squares * (1 - 1e-9))
            {
                double[] coefficients = new double[columns];
                for (int i = 0; i < used.Length; i++)
                {
                    coefficients[used[i]] = x[i] / scales[used[i]];
                }

                best = (coefficients, squares);
            }
        }

        return best;
    }

    /// <summary>A coefficient with as many digits as a fit can know.</summary>
    internal static double Rounded(double coefficient) => double.Parse(
        coefficient.ToString($"E{Digits - 1}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
