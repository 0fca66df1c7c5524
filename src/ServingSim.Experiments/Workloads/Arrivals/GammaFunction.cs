using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Euler's Γ, the same on every platform.</summary>
internal static class GammaFunction
{
    private static readonly double[] Lanczos =
    [
        676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>Γ of a number from 1 to 21, by Lanczos' series with g = 7; relative error below 1e-13.</summary>
    internal static double At(double x)
    {
        double sum = 0.99999999999980993;
        for (int i = 0; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x + i);
        }

        double t = x + 6.5;
        return Math.Sqrt(2 * Math.PI) * PortableMath.Exp(((x - 0.5) * PortableMath.Log(t)) - t) * sum;
    }
}
