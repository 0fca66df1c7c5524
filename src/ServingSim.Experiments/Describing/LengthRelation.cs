namespace ServingSim.Experiments.Describing;

/// <summary>Responses to requests of some lengths.</summary>
/// <param name="Above">Requests longer than so many tokens,</param>
/// <param name="UpTo">and at most so long.</param>
/// <param name="Rows">How many there are.</param>
/// <param name="Mean">Mean response tokens.</param>
/// <param name="P5">What 5 % of responses do not exceed.</param>
/// <param name="P50">The median response.</param>
/// <param name="P95">What 95 % do not exceed: with the other end a band of 90 %.</param>
public sealed record RelationBin(int Above, int UpTo, int Rows, double Mean, double P5, double P50, double P95);

/// <summary>How long responses are against how long requests are, of the rows that succeeded.</summary>
/// <param name="Bins">By the length of requests, those without rows left out.</param>
/// <param name="Line">Least squares over requests of 300 to 2,000 tokens: response tokens a request token, and at 0;
/// null where there are too few.</param>
public sealed record LengthRelation(IReadOnlyList<RelationBin> Bins, (double Slope, double Intercept)? Line)
{
    private const int FromOfLine = 300;
    private const int ToOfLine = 2000;
    private const int FewestOfLine = 100;

    /// <summary>
    /// Ends of bins. 2,050 takes in what BurstGPT's conversations of 2023 were cut at, 2,048 tokens and one or two.
    /// </summary>
    private static readonly int[] Ends =
    [
        25, 50, 100, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2050, 3000, 4000, 6000, 8000, 16_000, 32_000,
        64_000, 128_000, int.MaxValue,
    ];

    internal static LengthRelation Of(ServiceRows rows)
    {
        (int[] prompts, int[] outputs) = rows.Successes();
        List<int>[] byEnd = [.. Ends.Select(_ => new List<int>())];
        List<double> x = [];
        List<double> y = [];
        for (int i = 0; i < prompts.Length; i++)
        {
            int end = Array.BinarySearch(Ends, prompts[i]);
            byEnd[end < 0 ? ~end : end].Add(outputs[i]);
            if (prompts[i] is >= FromOfLine and <= ToOfLine)
            {
                x.Add(prompts[i]);
                y.Add(outputs[i]);
            }
        }

        return new LengthRelation(
            [.. byEnd.Index().Where(b => b.Item.Count > 0).Select(b => BinOf(b.Index, [.. b.Item]))],
            x.Count < FewestOfLine ? null : Sample.Line(x.ToArray(), y.ToArray()));
    }

    private static RelationBin BinOf(int end, int[] outputs)
    {
        int[] sorted = Sample.Sorted(outputs);
        double At(double probability) => Sample.Quantile(sorted, probability)!.Value;
        return new RelationBin(
            end == 0 ? 0 : Ends[end - 1], Ends[end], outputs.Length, Sample.Mean(outputs)!.Value, At(0.05), At(0.5),
            At(0.95));
    }
}
