using System.Numerics;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Count, sum and sum of squares of durations in ticks: exact, so that their order changes no bit of what follows from
/// them.
/// </summary>
internal struct DurationMoments
{
    // A sum of so many squares, times a count, fits into 64 bits
    private const long LongestProgression = 1 << 16;

    // Σ of squares is Σ high · 2^64 + Σ low: each half, as the sum, has room for as many durations as can be counted
    private UInt128 _highSquares;
    private UInt128 _lowSquares;

    internal long Count { get; private set; }

    internal Int128 SumTicks { get; private set; }

    internal readonly double? MeanTicks => Count > 0 ? (double)SumTicks / Count : null;

    /// <summary>The population standard deviation; null of nothing.</summary>
    internal readonly double? StdTicks
    {
        get
        {
            if (Count == 0)
            {
                return null;
            }

            BigInteger squares = ((BigInteger)_highSquares << 64) + _lowSquares;
            BigInteger squaredCountTimesVariance = (Count * squares) - ((BigInteger)SumTicks * SumTicks);
            return Math.Sqrt((double)squaredCountTimesVariance) / Count;
        }
    }

    /// <summary>Adds a duration, so many times.</summary>
    internal void Add(long ticks, long count)
    {
        Count = checked(Count + count);
        if ((double)ticks * count < 1L << 62)
        {
            SumTicks += ticks * count;
            AddProduct((ulong)ticks, (ulong)(ticks * count));
            return;
        }

        SumTicks += (Int128)ticks * count;
        AddProducts((ulong)ticks, (ulong)ticks, (ulong)count);
    }

    /// <summary>
    /// Adds a progression of durations, each so many times: with n terms from a by d, the sum is n·a + d·Σi, that of
    /// squares n·a² + 2·a·d·Σi + d²·Σi², where i goes from 0 to n − 1.
    /// </summary>
    internal void Add(long first, long difference, long terms, long count)
    {
        if (terms > LongestProgression)
        {
            Add(first, difference, LongestProgression, count);
            Add(first + (difference * LongestProgression), difference, terms - LongestProgression, count);
            return;
        }

        checked
        {
            ulong n = (ulong)terms;
            ulong indices = n * (n - 1) / 2;
            ulong squares = indices * ((2 * n) - 1) / 3;
            ulong times = (ulong)count;
            Count += terms * count;
            if ((double)(first + (difference * terms)) * terms * count < 1L << 61 && difference < 1L << 31)
            {
                // As below, in the fewest products: a·(n·a + 2·d·Σi) and d²·Σi²
                ulong linear = (((ulong)first * n) + ((ulong)difference * indices)) * times;
                SumTicks += (long)linear;
                AddProduct((ulong)first, linear + ((ulong)difference * indices * times));
                AddProduct((ulong)(difference * difference), squares * times);
                return;
            }

            SumTicks += (((Int128)first * terms) + ((Int128)difference * (long)indices)) * count;
            AddProducts((ulong)first, (ulong)first, n * times);
            AddProducts((ulong)first, (ulong)difference, 2 * indices * times);
            AddProducts((ulong)difference, (ulong)difference, squares * times);
        }
    }

    internal void Add(in DurationMoments other)
    {
        Count = checked(Count + other.Count);
        SumTicks += other.SumTicks;
        _highSquares += other._highSquares;
        _lowSquares += other._lowSquares;
    }

    private void AddProduct(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        _highSquares += high;
        _lowSquares += low;
    }

    private void AddProducts(ulong a, ulong b, ulong times)
    {
        UInt128 product = Math.BigMul(a, b);
        _highSquares += Math.BigMul((ulong)(product >> 64), times);
        _lowSquares += Math.BigMul((ulong)product, times);
    }
}
