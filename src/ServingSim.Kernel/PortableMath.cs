namespace ServingSim.Kernel;

/// <summary>
/// Logarithm, exponential and power from IEEE additions and multiplications alone, so that a draw has the same bits
/// on every platform (the runtime's own come from the platform's C library). Relative error below 1e-15.
/// </summary>
public static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double InverseLn2 = 1.44269504088896338700;
    private const double SmallestNormal = 2.2250738585072014e-308;
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;

    /// <summary>The natural logarithm of a positive finite number.</summary>
    public static double Log(double x)
    {
        Check.That(x > 0 && double.IsFinite(x), $"Log({x})");
        int exponent = 0;
        if (x < SmallestNormal)
        {
            x *= 1L << 54;
            exponent = -54;
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> MantissaBits) - ExponentBias;
        double mantissa = FromBits(ExponentBias, bits & ((1L << MantissaBits) - 1));
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        // ln m = 2 artanh(s), s = (m - 1)/(m + 1), |s| <= 0.1716: the series ends below 1 ulp at s^23
        double s = (mantissa - 1) / (mantissa + 1);
        double z = s * s;
        double z2 = z * z;
        double z4 = z2 * z2;
        double to9 = (1.0 / 3) + (z * (1.0 / 5)) + (((1.0 / 7) + (z * (1.0 / 9))) * z2);
        double to17 = (1.0 / 11) + (z * (1.0 / 13)) + (((1.0 / 15) + (z * (1.0 / 17))) * z2);
        double to23 = (1.0 / 19) + (z * (1.0 / 21)) + (z2 * (1.0 / 23));
        double series = z * (to9 + ((to17 + (to23 * z4)) * z4));
        return (exponent * Ln2High) + ((2 * s) + ((2 * s * series) + (exponent * Ln2Low)));
    }

    /// <summary>e to the power <paramref name="x"/>; 0 or infinity where a double cannot hold it.</summary>
    public static double Exp(double x)
    {
        Check.That(!double.IsNaN(x), "Exp(NaN)");
        if (x > 709.78)
        {
            return double.PositiveInfinity;
        }

        if (x < -745)
        {
            return 0;
        }

        int k = (int)Math.Floor((x * InverseLn2) + 0.5);
        double r = x - (k * Ln2High) - (k * Ln2Low);

        // |r| <= 0.347: the Taylor series ends below 1 ulp at r^14/14!
        double r2 = r * r;
        double r4 = r2 * r2;
        double to5 = (1.0 / 2) + (r * (1.0 / 6)) + (((1.0 / 24) + (r * (1.0 / 120))) * r2);
        double to9 = (1.0 / 720) + (r * (1.0 / 5_040)) + (((1.0 / 40_320) + (r * (1.0 / 362_880))) * r2);
        double to13 = (1.0 / 3_628_800) + (r * (1.0 / 39_916_800))
            + (((1.0 / 479_001_600) + (r * (1.0 / 6_227_020_800))) * r2);
        double last = r4 * (1.0 / 87_178_291_200);
        double sum = 1 + (r + (r2 * (to5 + ((to9 + ((to13 + last) * r4)) * r4))));

        int half = k / 2;
        return sum * PowerOfTwo(half) * PowerOfTwo(k - half);
    }

    /// <summary><paramref name="x"/> (positive) to the power <paramref name="y"/>.</summary>
    public static double Pow(double x, double y) => Exp(y * Log(x));

    private static double PowerOfTwo(int exponent) => FromBits(exponent + ExponentBias, 0);

    private static double FromBits(int biasedExponent, long mantissa) =>
        BitConverter.Int64BitsToDouble(((long)biasedExponent << MantissaBits) | mantissa);
}
