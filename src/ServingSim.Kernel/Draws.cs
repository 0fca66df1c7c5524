namespace ServingSim.Kernel;

/// <summary>
/// The chance of one item: as many draws as the item needs, the same on every platform. A mutable value: keep it in a
/// local variable and pass it by reference.
/// </summary>
public struct Draws
{
    private readonly ulong _gamma;
    private ulong _state;

    internal Draws(ulong key)
    {
        _state = Mixing.Mix(key);

        // An increment of the item's own (odd), so that two items never walk the same sequence
        _gamma = Mixing.Mix(key + Mixing.GoldenGamma) | 1;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        _state += _gamma;
        return Mixing.Mix(_state);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextUnit() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform in (0, 1).</summary>
    public double NextOpenUnit() => ((NextUInt64() >> 12) + 0.5) * (1.0 / (1L << 52));

    /// <summary>Uniform in 0 … <paramref name="count"/> − 1.</summary>
    public int NextIndex(int count)
    {
        Check.That(count > 0, $"an index among {count}");
        return (int)Math.BigMul(NextUInt64(), (ulong)count, out _);
    }

    /// <summary>Exponential with mean 1.</summary>
    public double NextExponential() => -PortableMath.Log(NextOpenUnit());

    /// <summary>Normal with mean 0 and variance 1 (Marsaglia's polar method).</summary>
    public double NextNormal()
    {
        while (true)
        {
            double u = (2 * NextUnit()) - 1;
            double v = (2 * NextUnit()) - 1;
            double s = (u * u) + (v * v);
            if (s > 0 && s < 1)
            {
                return u * Math.Sqrt(-2 * PortableMath.Log(s) / s);
            }
        }
    }

    /// <summary>
    /// Gamma with the given <paramref name="shape"/> and scale 1, so with mean <paramref name="shape"/>
    /// (Marsaglia and Tsang 2000; below shape 1 by their power of a uniform).
    /// </summary>
    public double NextGamma(double shape)
    {
        Check.That(shape > 0, $"a Gamma draw of shape {shape}");
        if (shape < 1)
        {
            double power = PortableMath.Pow(NextOpenUnit(), 1 / shape);
            return NextGamma(shape + 1) * power;
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal();
            double v = 1 + (c * x);
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            double u = NextOpenUnit();

            // The first condition implies the second, and holds nearly always
            if (u < 1 - (0.0331 * x * x * x * x)
                || PortableMath.Log(u) < (0.5 * x * x) + d - (d * v) + (d * PortableMath.Log(v)))
            {
                return d * v;
            }
        }
    }
}
