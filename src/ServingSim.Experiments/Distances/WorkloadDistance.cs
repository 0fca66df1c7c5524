using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Distances;

/// <summary>One thing that two workloads differ in.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="A">A figure of the first that a person knows it by; null where it has none.</param>
/// <param name="B">The same of the second.</param>
/// <param name="Distance">
/// From 0, the same, to 1: Kolmogorov and Smirnov's greatest difference of two distribution functions, or what the name
/// says. Null where either has none.
/// </param>
/// <param name="Unit">What the figures are, as in "median gap, s".</param>
public sealed record DistanceMeasure(string Name, double? A, double? B, double? Distance, string Unit);

/// <summary>How far two workloads are from one another, measure by measure.</summary>
/// <param name="Measures">The measures.</param>
public sealed record WorkloadDistance(IReadOnlyList<DistanceMeasure> Measures)
{
    private const int VariationWindowS = 1200;
    private const int FewestOfWindow = 10;
    private const double CountWindowS = 300;
    private const int Lags = 12;
    private const int FewestCounts = 3 * Lags;
    private const int Cells = 32;

    /// <summary>The mean of the measures that both have; null of none.</summary>
    public double? Mean => Measures.Select(m => m.Distance).Average();

    /// <summary>A measure by its name.</summary>
    public DistanceMeasure this[string name] => Measures.Single(m => m.Name == name);

    internal static WorkloadDistance Of(ServiceRows a, ServiceRows b)
    {
        (int[] Prompts, int[] Outputs) answeredA = a.Successes();
        (int[] Prompts, int[] Outputs) answeredB = b.Successes();
        double[] correlationsA = Autocorrelations(a.Times);
        double[] correlationsB = Autocorrelations(b.Times);
        return new WorkloadDistance(
        [
            Ks("inter-arrivals", "median gap, s", GapsOf(a.Times), GapsOf(b.Times)),
            Ks("shape of gaps", "median gap / window's mean", ScaledGapsOf(a.Times), ScaledGapsOf(b.Times)),
            Ks("windows' variation", "median, 20 min", VariationsOf(a.Times), VariationsOf(b.Times)),
            Ks("prompt tokens", "median", Sorted(answeredA.Prompts), Sorted(answeredB.Prompts)),
            Ks("output tokens", "median", Sorted(answeredA.Outputs), Sorted(answeredB.Outputs)),
            new(
                "joint lengths", Correlation(answeredA), Correlation(answeredB), Joint(answeredA, answeredB),
                "correlation"),
            new(
                "autocorrelation", First(correlationsA), First(correlationsB), Difference(correlationsA, correlationsB),
                "lag 1, of 5-min counts"),
            new("failures", ShareOf(a), ShareOf(b), Math.Abs(ShareOf(a) - ShareOf(b)), "share"),
            Ks("turns of sessions", "median", TurnsOf(a), TurnsOf(b)),
            Ks("gaps in sessions", "median, s", TurnGapsOf(a), TurnGapsOf(b)),
        ]);
    }

    /// <summary>
    /// The greatest difference of two distribution functions, of rising numbers; null where one has none.
    /// </summary>
    internal static double? KolmogorovSmirnov(double[] a, double[] b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return null;
        }

        (int i, int j, double most) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            double value = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == value)
            {
                i++;
            }

            while (j < b.Length && b[j] == value)
            {
                j++;
            }

            most = Math.Max(most, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        return most;
    }

    private static DistanceMeasure Ks(string name, string unit, double[] a, double[] b) => new(
        name, Sample.Quantile(a, 0.5), Sample.Quantile(b, 0.5), KolmogorovSmirnov(a, b), unit);

    private static double[] Sorted(int[] counts) => Sample.Doubles(Sample.Sorted(counts));

    internal static double[] GapsOf(double[] times) =>
        Sample.Sorted(times.Zip(times.Skip(1), (first, second) => second - first));

    /// <summary>Gaps over the mean of their 20 minutes: what the rate does not explain.</summary>
    internal static double[] ScaledGapsOf(double[] times)
    {
        List<double> scaled = [];
        for (int from = 0, to; from < times.Length; from = to)
        {
            double window = Math.Floor(times[from] / VariationWindowS);
            to = from + 1;
            while (to < times.Length && Math.Floor(times[to] / VariationWindowS) == window)
            {
                to++;
            }

            double mean = (times[to - 1] - times[from]) / Math.Max(1, to - from - 1);
            for (int i = from + 1; to - from >= FewestOfWindow && mean > 0 && i < to; i++)
            {
                scaled.Add((times[i] - times[i - 1]) / mean);
            }
        }

        return Sample.Sorted(scaled);
    }

    internal static double[] VariationsOf(double[] times) => Sample.Sorted(
        Burstiness.WindowsOf(times, VariationWindowS, FewestOfWindow, isFitted: false).Select(w => w.Variation));

    private static double[] TurnsOf(ServiceRows rows) =>
        Sample.Sorted(Conversations.BySession(rows).Select(s => (double)s.Length));

    private static double[] TurnGapsOf(ServiceRows rows) => Sample.Sorted(Conversations.BySession(rows)
        .SelectMany(s => s.Zip(s.Skip(1), (first, second) => rows.Times[second] - rows.Times[first])));

    private static double? Correlation((int[] Prompts, int[] Outputs) rows) =>
        Sample.Correlation(Sample.Doubles(rows.Prompts), Sample.Doubles(rows.Outputs));

    private static double ShareOf(ServiceRows rows) =>
        rows.Count == 0 ? 0 : (double)rows.Outputs.AsSpan().Count(0) / rows.Count;

    /// <summary>
    /// The two-dimensional statistic of Peacock on a grid: the greatest difference, over the four quadrants of points
    /// between the cells of all lengths' quantiles, of the shares of the rows in them.
    /// </summary>
    private static double? Joint((int[] Prompts, int[] Outputs) a, (int[] Prompts, int[] Outputs) b)
    {
        if (a.Prompts.Length == 0 || b.Prompts.Length == 0)
        {
            return null;
        }

        int[] promptEnds = Ends([.. a.Prompts, .. b.Prompts]);
        int[] outputEnds = Ends([.. a.Outputs, .. b.Outputs]);
        double[,] ofA = Sums(a, promptEnds, outputEnds);
        double[,] ofB = Sums(b, promptEnds, outputEnds);
        double most = 0;
        for (int x = 0; x <= Cells; x++)
        {
            for (int y = 0; y <= Cells; y++)
            {
                double below = ofA[x, y] - ofB[x, y];
                double left = ofA[x, Cells] - ofB[x, Cells];
                double down = ofA[Cells, y] - ofB[Cells, y];
                double[] quadrants = [below, left - below, down - below, left + down - below];
                most = Math.Max(most, quadrants.Max(Math.Abs));
            }
        }

        return most;
    }

    private static int[] Ends(int[] lengths)
    {
        int[] sorted = Sample.Sorted(lengths);
        return [.. Enumerable.Range(1, Cells).Select(i => sorted[(int)((long)(sorted.Length - 1) * i / Cells)])];
    }

    /// <summary>The share of rows up to both ends, for each pair of them; 0 before the first.</summary>
    private static double[,] Sums((int[] Prompts, int[] Outputs) rows, int[] promptEnds, int[] outputEnds)
    {
        double[,] sums = new double[Cells + 1, Cells + 1];
        for (int i = 0; i < rows.Prompts.Length; i++)
        {
            sums[CellOf(promptEnds, rows.Prompts[i]) + 1, CellOf(outputEnds, rows.Outputs[i]) + 1] +=
                1.0 / rows.Prompts.Length;
        }

        for (int x = 1; x <= Cells; x++)
        {
            for (int y = 1; y <= Cells; y++)
            {
                sums[x, y] += sums[x - 1, y] + sums[x, y - 1] - sums[x - 1, y - 1];
            }
        }

        return sums;
    }

    /// <summary>The first cell whose end is not below a length.</summary>
    private static int CellOf(int[] ends, int length)
    {
        (int low, int high) = (0, ends.Length - 1);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = ends[middle] < length ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>
    /// Of the counts of 5 minutes, at lags of 1 to 12; empty where the trace is shorter than three times that.
    /// </summary>
    internal static double[] Autocorrelations(double[] times)
    {
        if (times.Length == 0)
        {
            return [];
        }

        double first = Math.Floor(times[0] / CountWindowS);
        int windows = (int)(Math.Floor(times[^1] / CountWindowS) - first) + 1;
        if (windows < FewestCounts)
        {
            return [];
        }

        double[] counts = new double[windows];
        foreach (double time in times)
        {
            counts[(int)(Math.Floor(time / CountWindowS) - first)]++;
        }

        return
        [
            .. Enumerable.Range(1, Lags).Select(
                lag => Sample.Correlation(counts.AsSpan(0, windows - lag), counts.AsSpan(lag)) ?? 0),
        ];
    }

    private static double? First(double[] values) => values.Length == 0 ? null : values[0];

    private static double? Difference(double[] a, double[] b) =>
        a.Length == 0 || b.Length == 0 ? null : Math.Min(1, a.Zip(b, (x, y) => Math.Abs(x - y)).Average());
}
