using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Report;

/// <summary>
/// An axis of a picture of a sweep: the values of one path. Numbers stand where they are, on a logarithmic scale if
/// they span far; other values side by side.
/// </summary>
internal sealed class SweepAxis
{
    private const double FarRatio = 16;
    private const int MostLabelled = 12;
    private const double FarDecades = 3;
    private static readonly int[] RoundDigits = [1, 2, 5];
    private readonly Dictionary<string, double> _positions = [];
    private readonly bool _areNumbers;
    private readonly bool _isLog;

    private SweepAxis(string path, string label, IReadOnlyList<string> values)
    {
        (Path, Label) = (path, label);
        double?[] numbers = [.. values.Select(Number)];
        _areNumbers = Array.TrueForAll(numbers, n => n.HasValue);
        Values = _areNumbers ? [.. values.OrderBy(v => Number(v))] : values;
        _isLog = _areNumbers && numbers.Min() > 0 && numbers.Max() / numbers.Min() >= FarRatio;
        foreach ((int i, string value) in Values.Index())
        {
            _positions[value] = !_areNumbers ? i : _isLog ? Math.Log10(Number(value)!.Value) : Number(value)!.Value;
        }
    }

    public string Path { get; }

    public string Label { get; }

    /// <summary>The values in the order of the axis, each once.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The ends of the axis, with a margin.</summary>
    public (double From, double To) Limits
    {
        get
        {
            (double from, double to) = (_positions.Values.Min(), _positions.Values.Max());
            double margin = _areNumbers && to > from ? 0.04 * (to - from) : 0.5;
            return (from - margin, to + margin);
        }
    }

    /// <summary>
    /// The axes that the sweep names, or else those paths that vary; of a single point, all its paths.
    /// </summary>
    public static IReadOnlyList<SweepAxis> Of(SweepResult result)
    {
        SweepAxis[] all = AllOf(result);
        SweepAxis[] varying = [.. all.Where(a => a.Values.Count > 1)];
        return result.Plan.Axes.Count > 0 ? [.. result.Plan.Axes.Select(path => all.First(a => a.Path == path))]
            : varying.Length > 0 ? varying
            : all;
    }

    /// <summary>The axes of all paths.</summary>
    public static SweepAxis[] AllOf(SweepResult result)
    {
        IReadOnlyList<string> paths = result.Plan.Paths;
        return
        [
            .. paths.Zip(Variation.ShortNames(paths), (path, name) => new SweepAxis(
                path, name, [.. result.Points.Select(p => ValueOf(p, path)).Distinct()])),
        ];
    }

    /// <summary>What a point sets at a path; a dash where it sets nothing.</summary>
    public static string ValueOf(SweepPoint point, string path) =>
        point.Point.Settings.GetValueOrDefault(path) ?? Numbers.Undefined;

    public double PositionOf(SweepPoint point) => _positions[ValueOf(point, Path)];

    /// <summary>
    /// Ticks at the values, labelled as long as labels do not run into one another; round ones if there are many.
    /// </summary>
    public ITickGenerator Ticks(int pixels)
    {
        const int PixelsOfLetter = 8;
        if (_areNumbers && Values.Count > MostLabelled)
        {
            return _isLog ? new NumericManual(RoundTicks(Limits.From, Limits.To)) : new NumericAutomatic();
        }

        (double from, double to) = Limits;
        double free = double.NegativeInfinity;
        return new NumericManual(
        [
            .. Values.Select(value =>
            {
                double at = (_positions[value] - from) / (to - from) * pixels;
                double half = value.Length * PixelsOfLetter / 2.0;
                bool fits = at - half > free;
                free = fits ? at + half + PixelsOfLetter : free;
                return new Tick(_positions[value], fits ? value : "");
            }),
        ]);
    }

    /// <summary>
    /// 1, 2, 5, 10, ... as far as a scale of decimal logarithms goes; 1, 10, 100, ... where it goes far.
    /// </summary>
    internal static Tick[] RoundTicks(double from, double to)
    {
        int[] digits = to - from > FarDecades ? [1] : RoundDigits;
        return
        [
            .. Enumerable.Range((int)Math.Floor(from), (int)Math.Ceiling(to - from) + 1)
                .SelectMany(power => digits.Select(digit => digit * Math.Pow(10, power)))
                .Where(value => Math.Log10(value) >= from && Math.Log10(value) <= to)
                .Select(value => new Tick(
                    Math.Log10(value), value.ToString("#,0.######", CultureInfo.InvariantCulture))),
        ];
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number) ? number : null;
}
