using MathNet.Numerics;

namespace ServingSim.Experiments.Describing;

/// <summary>A Gamma distribution of gaps: its shape α and its rate β, in 1/s. Their variation is 1/√α.</summary>
/// <param name="Alpha">The shape.</param>
/// <param name="Beta">The rate.</param>
public readonly record struct GammaFit(double Alpha, double Beta)
{
    private const int Iterations = 50;
    private const double Tolerance = 1e-10;

    /// <summary>
    /// The fit of maximum likelihood, by the mean of the gaps and that of their logarithms; null where all gaps are
    /// equal. Starts at Minka's approximation (2002) and goes on by Newton's method.
    /// </summary>
    internal static GammaFit? Of(double mean, double meanOfLogs)
    {
        double s = Math.Log(mean) - meanOfLogs;
        if (!(s > Tolerance))
        {
            return null;
        }

        double alpha = (3 - s + Math.Sqrt(((s - 3) * (s - 3)) + (24 * s))) / (12 * s);
        for (int i = 0; i < Iterations; i++)
        {
            double step = (Math.Log(alpha) - SpecialFunctions.DiGamma(alpha) - s) / ((1 / alpha) - TriGamma(alpha));
            alpha = Math.Max(alpha - step, alpha / 2);
            if (Math.Abs(step) < Tolerance * alpha)
            {
                break;
            }
        }

        return new GammaFit(alpha, alpha / mean);
    }

    /// <summary>ψ′, by its recurrence up to 6 and its asymptotic series from there.</summary>
    internal static double TriGamma(double x)
    {
        double sum = 0;
        while (x < 6)
        {
            sum += 1 / (x * x);
            x++;
        }

        double z = 1 / (x * x);
        double series = (1.0 / 6) - (z * ((1.0 / 30) - (z * ((1.0 / 42) - (z / 30)))));
        return sum + (1 / x) + (z / 2) + (z / x * series);
    }
}
