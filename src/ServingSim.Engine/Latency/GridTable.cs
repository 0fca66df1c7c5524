using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// Times measured on a grid, between which linear interpolation tells the rest: axis by axis, so that the grid may have
/// holes. Times never fall along an axis: those measured that do are drawn to their mean. Below the grid the first time
/// holds; above it, the last time grows in proportion.
/// </summary>
public sealed class GridTable
{
    private const int SmoothingRounds = 2;

    private readonly double[] _knots;
    private readonly double[] _times;
    private readonly GridTable[] _inner;

    /// <summary>A table of at least one measured point.</summary>
    /// <param name="points">The coordinates of each, outermost axis first, and its time. Of points measured twice the
    /// shorter time counts.</param>
    public GridTable(IReadOnlyList<(double[] At, double Time)> points)
        : this(Monotone(points), 0)
    {
    }

    private GridTable(List<(double[] At, double Time)> points, int axis)
    {
        Check.That(points.Count > 0, "a table without a point");
        IGrouping<double, (double[] At, double Time)>[] groups =
            [.. points.GroupBy(p => p.At[axis]).OrderBy(g => g.Key)];
        _knots = [.. groups.Select(g => g.Key)];
        bool isInnermost = axis == points[0].At.Length - 1;
        _times = isInnermost ? [.. groups.Select(g => g.Min(p => p.Time))] : [];
        _inner = isInnermost ? [] : [.. groups.Select(g => new GridTable([.. g], axis + 1))];
    }

    /// <summary>The time at some coordinates.</summary>
    public double At(params ReadOnlySpan<double> at)
    {
        double x = at[0];
        int above = Array.FindIndex(_knots, knot => knot >= x);
        if (above < 0)
        {
            return Knot(_knots.Length - 1, at) * x / _knots[^1];
        }

        if (above == 0)
        {
            return Knot(0, at);
        }

        (double low, double high) = (Knot(above - 1, at), Knot(above, at));
        double share = (x - _knots[above - 1]) / (_knots[above] - _knots[above - 1]);
        return low + (share * (high - low));
    }

    /// <summary>The coordinates along the innermost axis at which the slope may change, rising.</summary>
    public IReadOnlyList<double> InnermostKnots =>
        _inner.Length == 0 ? _knots : [.. _inner.SelectMany(i => i.InnermostKnots).Distinct().Order()];

    /// <summary>The greatest coordinate along an axis, the outermost being 0.</summary>
    internal double Largest(int axis) => axis == 0 ? _knots[^1] : _inner.Max(inner => inner.Largest(axis - 1));

    private double Knot(int index, ReadOnlySpan<double> at) =>
        _inner.Length == 0 ? _times[index] : _inner[index].At(at[1..]);

    private static List<(double[] At, double Time)> Monotone(IReadOnlyList<(double[] At, double Time)> points)
    {
        List<(double[] At, double Time)> all = [.. points];
        int[][] lines = [.. Enumerable.Range(0, all[0].At.Length).SelectMany(axis => LinesAlong(axis, all))];
        for (int round = 0; round < SmoothingRounds; round++)
        {
            foreach (int[] line in lines)
            {
                Smooth(line, all);
            }
        }

        foreach (int[] line in lines)
        {
            double most = 0;
            foreach (int i in line)
            {
                most = Math.Max(most, all[i].Time);
                all[i] = (all[i].At, most);
            }
        }

        return all;
    }

    /// <summary>The points that differ in one coordinate alone, in its order; by their indices.</summary>
    private static IEnumerable<int[]> LinesAlong(int axis, List<(double[] At, double Time)> all) =>
        Enumerable.Range(0, all.Count)
            .GroupBy(i => string.Join(' ', all[i].At.Where((_, a) => a != axis)))
            .Select(line => line.OrderBy(i => all[i].At[axis]).ToArray());

    /// <summary>Times that fall become the mean of their neighbours (isotonic regression, pooling violators).</summary>
    private static void Smooth(int[] line, List<(double[] At, double Time)> all)
    {
        List<(double Sum, int Count)> pools = [];
        foreach (int i in line)
        {
            (double sum, int count) = (all[i].Time, 1);
            while (pools.Count > 0 && pools[^1].Sum / pools[^1].Count > sum / count)
            {
                (sum, count) = (sum + pools[^1].Sum, count + pools[^1].Count);
                pools.RemoveAt(pools.Count - 1);
            }

            pools.Add((sum, count));
        }

        int next = 0;
        foreach ((double sum, int count) in pools)
        {
            for (int end = next + count; next < end; next++)
            {
                all[line[next]] = (all[line[next]].At, sum / count);
            }
        }
    }
}
