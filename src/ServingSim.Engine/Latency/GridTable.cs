using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// Times measured on a grid, between which linear interpolation tells the rest, axis by axis. Where a formula says
/// roughly how long each point takes, it is the ratio of measured and rough time that is interpolated, over the
/// logarithm of the coordinate: so what the formula knows (bytes to read, FLOPs) bends the line between two points as
/// it should. Holes of the grid are filled beforehand (<see cref="GridHoles"/>). Along the axes that are told to rise
/// times never fall: those measured that do are drawn to their mean. Outside the grid the nearest point's ratio holds;
/// where there is no formula, time is that of the first point below the grid, and grows in proportion above it.
/// </summary>
public sealed class GridTable
{
    private const int SmoothingRounds = 2;
    private const int Bends = 4;

    private readonly Func<double[], double>? _roughly;
    private readonly Level _grid;

    /// <summary>A table of at least one measured point.</summary>
    /// <param name="points">The coordinates of each, outermost axis first, and its time. Of points measured twice the
    /// shorter time counts.</param>
    /// <param name="roughly">About how long a point takes, in the same unit; null for what no formula describes.
    /// </param>
    /// <param name="rising">The axes along which times never fall.</param>
    public GridTable(
        IReadOnlyList<(double[] At, double Time)> points,
        Func<double[], double>? roughly = null,
        params IReadOnlyList<int> rising)
    {
        Check.That(points.Count > 0, "a table without a point");
        _roughly = roughly;
        List<(double[] At, double Time)> measured = [.. points
            .GroupBy(point => Key(point.At), point => point)
            .Select(same => same.MinBy(point => point.Time))];
        Smooth(measured, rising);
        List<(double[] At, double Ratio)> ratios =
            [.. measured.Select(point => (point.At, point.Time / Rough(point.At)))];
        ratios.AddRange(GridHoles.Fill(ratios, ShareOf));
        measured = [.. ratios.Select(point => (point.At, point.Ratio * Rough(point.At)))];
        Raise(measured, rising);
        _grid = new Level([.. measured.Select(point => (point.At, point.Time / Rough(point.At)))], 0);
    }

    /// <summary>The time at some coordinates.</summary>
    public double At(params ReadOnlySpan<double> at) =>
        _roughly is null ? Ratio(_grid, at, 1) : Ratio(_grid, at, 0) * _roughly(at.ToArray());

    /// <summary>
    /// The coordinates along the innermost axis at which the slope may change, rising; where a formula bends the lines
    /// between measured points, some between those too.
    /// </summary>
    public IReadOnlyList<double> InnermostKnots
    {
        get
        {
            double[] knots = [.. _grid.Innermost.Distinct().Order()];
            return _roughly is null
                ? knots
                :
                [
                    .. knots.Zip(knots.Skip(1), (from, to) => Enumerable.Range(0, Bends).Select(
                        bend => from + ((to - from) * bend / Bends))).SelectMany(part => part),
                    knots[^1],
                ];
        }
    }

    /// <summary>The greatest coordinate along an axis, the outermost being 0.</summary>
    internal double Largest(int axis) => _grid.Largest(axis);

    private double Rough(double[] at) => _roughly?.Invoke(at) ?? 1;

    /// <summary>How far a coordinate is from one knot to the next.</summary>
    private double ShareOf(double x, double below, double above) => _roughly is null || below <= 0
        ? (x - below) / (above - below)
        : Math.Log(x / below) / Math.Log(above / below);

    private double Ratio(Level level, ReadOnlySpan<double> at, int growth)
    {
        double x = at[0];
        double[] knots = level.Knots;
        int above = Array.BinarySearch(knots, x);
        above = above < 0 ? ~above : above;
        if (above == knots.Length)
        {
            return Knot(level, above - 1, at, growth) * Math.Pow(x / knots[^1], growth);
        }

        double high = Knot(level, above, at, growth);
        if (above == 0 || knots[above] == x)
        {
            return high;
        }

        double low = Knot(level, above - 1, at, growth);
        return low + (ShareOf(x, knots[above - 1], knots[above]) * (high - low));
    }

    private double Knot(Level level, int index, ReadOnlySpan<double> at, int growth) =>
        level.Inner.Length == 0 ? level.Ratios[index] : Ratio(level.Inner[index], at[1..], growth);

    private static string Key(IEnumerable<double> at) => string.Join(' ', at);

    private static int[][] Lines(List<(double[] At, double Time)> points, IReadOnlyList<int> axes) =>
    [
        .. axes.SelectMany(axis => Enumerable.Range(0, points.Count)
            .GroupBy(i => Key(points[i].At.Where((_, a) => a != axis)))
            .Select(line => line.OrderBy(i => points[i].At[axis]).ToArray())),
    ];

    private static void Smooth(List<(double[] At, double Time)> points, IReadOnlyList<int> rising)
    {
        int[][] lines = Lines(points, rising);
        for (int round = 0; round < SmoothingRounds; round++)
        {
            foreach (int[] line in lines)
            {
                Smooth(line, points);
            }
        }
    }

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

    /// <summary>What still falls is raised to what is before it.</summary>
    private static void Raise(List<(double[] At, double Time)> points, IReadOnlyList<int> rising)
    {
        foreach (int[] line in Lines(points, rising))
        {
            double most = 0;
            foreach (int i in line)
            {
                most = Math.Max(most, points[i].Time);
                points[i] = (points[i].At, most);
            }
        }
    }

    /// <summary>The knots of one axis, and what lies at each: a ratio, or the next axis.</summary>
    private sealed class Level
    {
        internal Level(IReadOnlyList<(double[] At, double Ratio)> points, int axis)
        {
            IGrouping<double, (double[] At, double Ratio)>[] groups =
                [.. points.GroupBy(p => p.At[axis]).OrderBy(g => g.Key)];
            Knots = [.. groups.Select(g => g.Key)];
            bool isInnermost = axis == points[0].At.Length - 1;
            Ratios = isInnermost ? [.. groups.Select(g => g.Single().Ratio)] : [];
            Inner = isInnermost ? [] : [.. groups.Select(g => new Level([.. g], axis + 1))];
        }

        internal double[] Knots { get; }

        internal double[] Ratios { get; }

        internal Level[] Inner { get; }

        internal IEnumerable<double> Innermost => Inner.Length == 0 ? Knots : Inner.SelectMany(i => i.Innermost);

        internal double Largest(int axis) => axis == 0 ? Knots[^1] : Inner.Max(inner => inner.Largest(axis - 1));
    }
}
