using System.Globalization;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>
/// A comparison as a person reads it: figure by figure, each variant and how it differs from the first.
/// </summary>
public static class ComparisonTable
{
    private const string BandLegend =
        " fast, slow: the mean with all steps as fast and as slow as their error allows\n"
        + " in band: whether the difference goes the same way, beyond noise, with all three\n";

    /// <summary>The comparison as plain text of at most this many columns.</summary>
    public static string Text(Comparison comparison, int columns = 100)
    {
        ReplicatedRun baseline = comparison.Baseline.Run;
        var section = baseline.Scenario.Scenario.Replications;
        var hasBand = comparison.Baseline.Band is not null;
        string[] bandHeads = hasBand ? ["fast", "slow"] : [];
        string[] bandVerdict = hasBand ? ["in band"] : [];
        var table = TextTable.Headed(
            "", ["mean", .. bandHeads, "difference", "", "beyond noise", .. bandVerdict]);
        foreach (var figure in comparison.Figures)
        {
            TextTable.AddRow(table, [figure, .. Enumerable.Repeat("", hasBand ? 7 : 4)]);
            foreach (var variant in comparison.Variants)
            {
                var difference = comparison.Difference(variant, figure);
                string[] ends = variant.Band is { } band
                    ? [Numbers.Digits(band.Low.Of(figure)?.Mean), Numbers.Digits(band.High.Of(figure)?.Mean)]
                    : [];
                string[] holds = hasBand
                    ? [comparison.HoldsInBand(variant, figure) switch { true => "yes", false => "no", null => "" }]
                    : [];
                TextTable.AddRow(
                    table,
                    [
                        "  " + variant.Name, Numbers.Interval(variant.Run.Of(figure)), .. ends,
                        difference is null ? "" : Numbers.Interval(difference),
                        Share(difference, baseline.Of(figure)), Verdict(difference), .. holds,
                    ]);
            }
        }

        List<IRenderable> parts =
        [
            new Text(
                $" {baseline.Runs.Count} replications with the same seeds; differences are to the first, in pairs;\n"
                + $" ± is half a {100 * section.Confidence:0.##} % interval\n"
                + (hasBand ? BandLegend : "")),
            table,
            .. comparison.Variants.SelectMany(v => v.Run.Notes.Select(note => new Text($" {v.Name}: {note}\n"))),
        ];
        return PlainText.Of(new Rows(parts), columns);
    }

    private static string Share(Estimate? difference, Estimate? of) =>
        difference is { } d && of is { Mean: not 0 } whole
            ? (d.Mean / Math.Abs(whole.Mean)).ToString("+0.0 %;-0.0 %;0 %", CultureInfo.InvariantCulture)
            : "";

    private static string Verdict(Estimate? difference) => difference switch
    {
        null => "",
        { HalfWidth: null } => "one run",
        { IsBeyondNoise: true } => "yes",
        { Mean: 0, HalfWidth: 0 } => "equal",
        _ => "no",
    };
}
