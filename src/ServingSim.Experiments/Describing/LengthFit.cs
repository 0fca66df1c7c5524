using MathNet.Numerics.Distributions;

namespace ServingSim.Experiments.Describing;

/// <summary>
/// Distributions fitted to the lengths of requests or responses that succeeded, with their distance from them: KS is
/// the greatest difference of the two distribution functions (Kolmogorov and Smirnov).
/// </summary>
/// <param name="Count">How many lengths there are.</param>
/// <param name="LogMean">μ of the lognormal, by maximum likelihood; e^μ is its median in tokens.</param>
/// <param name="LogSigma">σ of the lognormal, likewise.</param>
/// <param name="LognormalKs">Its distance.</param>
/// <param name="ZipfTheta">θ of the Zipf distribution over 1 to the longest, by maximum likelihood.</param>
/// <param name="ZipfKs">Its distance.</param>
/// <param name="RankSlope">The slope of log frequency over log rank of the different lengths; null of one.</param>
/// <param name="Bimodality">
/// Sarle's coefficient of the lengths: above 5/9, that of a uniform distribution, two modes or a heavy tail.
/// </param>
/// <param name="Humps">The second hump of the histogram; null where it has none.</param>
/// <param name="Frequencies">How often each of the different lengths occurs, the most frequent first.</param>
/// <param name="Histogram">Lengths in bins of <see cref="BinTokens"/>, the first from 0, up to 99.5 % of them.</param>
public sealed record LengthFit(
    int Count, double LogMean, double LogSigma, double LognormalKs, double ZipfTheta, double ZipfKs,
    double? RankSlope, double? Bimodality, Humps? Humps, IReadOnlyList<int> Frequencies,
    IReadOnlyList<int> Histogram)
{
    /// <summary>How wide a bin of the histogram is, in tokens.</summary>
    public const int BinTokens = 25;

    /// <summary>Above it, Sarle's coefficient speaks for two modes.</summary>
    public const double UniformBimodality = 5.0 / 9;

    private const int Fewest = 30;
    private const double ShareOfHistogram = 0.995;
    private const double MostTheta = 20;
    private const int Iterations = 60;
    private const int MostBins = 4000;

    /// <summary>The share of lengths up to so many tokens under the lognormal distribution.</summary>
    public double LognormalShare(double tokens) => tokens <= 0 ? 0 : Normal.CDF(LogMean, LogSigma, Math.Log(tokens));

    /// <summary>What fits; null of less than 30 lengths, or of lengths all equal.</summary>
    internal static LengthFit? Of(int[] lengths)
    {
        int[] sorted = Sample.Sorted(lengths);
        if (sorted.Length < Fewest || sorted[0] == sorted[^1])
        {
            return null;
        }

        (int Tokens, int Count)[] distinct = [.. Distinct(sorted)];
        (double logMean, double logSigma) = Logs(distinct, sorted.Length);
        double theta = Theta(logMean, sorted[^1]);
        int[] histogram = HistogramOf(sorted);
        int[] frequencies = [.. distinct.Select(d => d.Count).OrderDescending()];
        return new LengthFit(
            sorted.Length,
            logMean,
            logSigma,
            Distance(distinct, sorted.Length, n => Normal.CDF(logMean, logSigma, Math.Log(n + 0.5))),
            theta,
            ZipfDistance(distinct, sorted.Length, theta),
            SlopeOf(frequencies),
            Sarle(distinct, sorted.Length),
            Describing.Humps.Of(histogram),
            frequencies,
            histogram);
    }

    private static IEnumerable<(int Tokens, int Count)> Distinct(int[] sorted)
    {
        for (int from = 0, to; from < sorted.Length; from = to)
        {
            to = from + 1;
            while (to < sorted.Length && sorted[to] == sorted[from])
            {
                to++;
            }

            yield return (sorted[from], to - from);
        }
    }

    private static (double Mean, double Sigma) Logs((int Tokens, int Count)[] distinct, int count)
    {
        double mean = distinct.Sum(d => d.Count * Math.Log(d.Tokens)) / count;
        double squares = distinct.Sum(d => d.Count * Math.Pow(Math.Log(d.Tokens) - mean, 2));
        return (mean, Math.Sqrt(squares / count));
    }

    /// <summary>θ under which the mean of the logarithms is the given one, by Newton's method within bounds.</summary>
    private static double Theta(double logMean, int most)
    {
        double[] logs = new double[most];
        for (int n = 1; n <= most; n++)
        {
            logs[n - 1] = Math.Log(n);
        }

        (double low, double high, double theta) = (0, MostTheta, 1);
        for (int i = 0; i < Iterations && high - low > 1e-6; i++)
        {
            (double weight, double sum, double squares) = (0, 0, 0);
            foreach (double log in logs)
            {
                double w = Math.Exp(-theta * log);
                weight += w;
                sum += w * log;
                squares += w * log * log;
            }

            double mean = sum / weight;
            (low, high) = mean > logMean ? (theta, high) : (low, theta);
            double step = (mean - logMean) / ((squares / weight) - (mean * mean));
            double next = theta + step;
            if (Math.Abs(step) < 1e-9)
            {
                break;
            }

            theta = next > low && next < high ? next : (low + high) / 2;
        }

        return theta;
    }

    private static double ZipfDistance((int Tokens, int Count)[] distinct, int count, double theta)
    {
        double[] sums = new double[distinct[^1].Tokens + 1];
        for (int n = 1; n < sums.Length; n++)
        {
            sums[n] = sums[n - 1] + Math.Pow(n, -theta);
        }

        return Distance(distinct, count, n => sums[n] / sums[^1]);
    }

    private static double Distance((int Tokens, int Count)[] distinct, int count, Func<int, double> share)
    {
        (double most, long before) = (0, 0);
        foreach ((int tokens, int times) in distinct)
        {
            // Between two lengths that occur the data's function is flat, the other rises
            most = Math.Max(most, tokens > 1 ? Math.Abs(share(tokens - 1) - ((double)before / count)) : 0);
            before += times;
            most = Math.Max(most, Math.Abs(share(tokens) - ((double)before / count)));
        }

        return most;
    }

    private static double? SlopeOf(int[] frequencies)
    {
        double[] ranks = [.. Enumerable.Range(1, frequencies.Length).Select(r => Math.Log(r))];
        return Sample.Line(ranks, [.. frequencies.Select(f => Math.Log(f))])?.Slope;
    }

    private static double? Sarle((int Tokens, int Count)[] distinct, int count)
    {
        double mean = distinct.Sum(d => (double)d.Tokens * d.Count) / count;
        double Moment(int power) => distinct.Sum(d => Math.Pow(d.Tokens - mean, power) * d.Count) / count;
        double variance = Moment(2);
        double skewness = Moment(3) / Math.Pow(variance, 1.5);
        return ((skewness * skewness) + 1) / (Moment(4) / (variance * variance));
    }

    private static int[] HistogramOf(int[] sorted)
    {
        double end = Sample.Quantile(sorted, ShareOfHistogram)!.Value;
        int[] bins = new int[Math.Min(MostBins, (int)(end / BinTokens) + 1)];
        foreach (int length in sorted)
        {
            if (length / BinTokens < bins.Length)
            {
                bins[length / BinTokens]++;
            }
        }

        return bins;
    }
}
