using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads.Lengths;

namespace ServingSim.Experiments.Modelling;

/// <summary>
/// Makes tables of lengths of rows: ranges of requests with about equal shares of the rows, each with its own quantiles
/// of responses, so that the correlation of the two is kept.
/// </summary>
internal static class LengthModel
{
    private const int RowsPerRange = 20;

    /// <summary>
    /// Where ranges of requests end, as shares of the rows: narrow at the long end, which reaches far.
    /// </summary>
    private static readonly double[] Ends =
    [
        .04, .08, .13, .19, .25, .31, .37, .43, .49, .55, .61, .67, .73, .79, .84, .89, .93, .96, .98, .99, .997, .999,
        1,
    ];

    private static readonly double[] Probabilities =
    [
        0, .01, .03, .06, .1, .15, .2, .3, .4, .5, .6, .7, .78, .85, .9, .93, .96, .98, .99, .995, 1,
    ];

    /// <summary>The table of rows that succeeded, at least one.</summary>
    internal static JointTable Of(string source, int[] prompts, int[] outputs)
    {
        (int Prompt, int Output)[] rows = [.. prompts.Zip(outputs).OrderBy(r => r.First)];
        List<JointBin> bins = [];
        int from = 0;
        foreach (double end in Ends)
        {
            int to = (int)(end * rows.Length);
            if (to - from < RowsPerRange && end < 1)
            {
                continue;
            }

            // Requests of one length lie in one range
            while (to < rows.Length && rows[to].Prompt == rows[to - 1].Prompt)
            {
                to++;
            }

            if (to == from)
            {
                continue;
            }

            int[] sorted = Sample.Sorted([.. rows[from..to].Select(r => r.Output)]);
            bins.Add(new JointBin(
                rows[from].Prompt, rows[to - 1].Prompt, to - from, [.. Probabilities.Select(p => At(sorted, p))]));
            from = to;
        }

        return new JointTable(source, Probabilities, bins);
    }

    /// <summary>The quantiles of lengths, at least one.</summary>
    internal static QuantilesOptions Quantiles(int[] lengths)
    {
        int[] sorted = Sample.Sorted(lengths);
        return new QuantilesOptions(Probabilities, [.. Probabilities.Select(p => At(sorted, p))]);
    }

    /// <summary>Probabilities of gaps, which have heavy tails.</summary>
    internal static IReadOnlyList<double> Levels => Probabilities;

    private static int At(int[] sorted, double probability) =>
        (int)Math.Floor(Sample.Quantile(sorted, probability)!.Value + 0.5);
}
