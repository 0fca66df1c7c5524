using ServingSim.Kernel;

namespace ServingSim.Experiments.Describing;

/// <summary>What a service's rows are.</summary>
/// <param name="Rows">All rows.</param>
/// <param name="Failed">Rows without a response.</param>
/// <param name="FailedWithoutSize">Those of the failed without a request size either.</param>
/// <param name="Ties">Rows in the same second as the one before.</param>
/// <param name="BusiestSecond">Most rows in a second of the axis.</param>
/// <param name="BusiestMinute">Most rows in a minute.</param>
/// <param name="BusiestWindow">Most rows in 20 minutes.</param>
/// <param name="BusiestHour">Most rows in an hour.</param>
/// <param name="Prompts">Request tokens of the rows that succeeded; null where none did.</param>
/// <param name="Outputs">Response tokens of the rows that succeeded; null where none did.</param>
/// <param name="Correlation">Pearson's, of request and response tokens; null where one does not vary.</param>
public sealed record Composition(
    int Rows, int Failed, int FailedWithoutSize, int Ties, int BusiestSecond, int BusiestMinute, int BusiestWindow,
    int BusiestHour, LengthSummary? Prompts, LengthSummary? Outputs, double? Correlation)
{
    /// <summary>Failed rows as a share of all.</summary>
    public double FailedShare => (double)Failed / Rows;

    internal static Composition Of(ServiceRows rows)
    {
        (int[] prompts, int[] outputs) = rows.Successes();
        int failed = rows.Count - prompts.Length;
        int withoutSize = 0;
        int ties = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            withoutSize += rows.Outputs[i] == 0 && rows.Prompts[i] == 0 ? 1 : 0;
            ties += i > 0 && Math.Floor(rows.Times[i]) == Math.Floor(rows.Times[i - 1]) ? 1 : 0;
        }

        return new Composition(
            rows.Count, failed, withoutSize, ties, Busiest(rows.Times, 1), Busiest(rows.Times, 60),
            Busiest(rows.Times, Burstiness.FitWindowS), Busiest(rows.Times, 3600), LengthSummary.Of(prompts),
            LengthSummary.Of(outputs), Sample.Correlation(Sample.Doubles(prompts), Sample.Doubles(outputs)));
    }

    private static int Busiest(double[] times, double spanS)
    {
        (int most, int current, double span) = (0, 0, -1);
        foreach (double time in times)
        {
            double at = Math.Floor(time / spanS);
            current = at == span ? current + 1 : 1;
            span = at;
            most = Math.Max(most, current);
        }

        return most;
    }
}

/// <summary>How long requests or responses are, in tokens.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P75">What 75 % do not exceed.</param>
/// <param name="P90">What 90 % do not exceed.</param>
/// <param name="P95">What 95 % do not exceed.</param>
/// <param name="P99">What 99 % do not exceed.</param>
/// <param name="Max">The longest.</param>
public sealed record LengthSummary(
    int Count, double Mean, double P50, double P75, double P90, double P95, double P99, int Max)
{
    internal static LengthSummary? Of(int[] lengths)
    {
        if (lengths.Length == 0)
        {
            return null;
        }

        int[] sorted = Sample.Sorted(lengths);
        double At(double probability) => Sample.Quantile(sorted, probability)!.Value;
        double mean = Sample.Mean(lengths)!.Value;
        Check.That(sorted[0] <= mean && mean <= sorted[^1], $"a mean of {mean} of {sorted[0]} to {sorted[^1]}");
        return new LengthSummary(
            lengths.Length, mean, At(0.5), At(0.75), At(0.9), At(0.95), At(0.99), sorted[^1]);
    }
}
