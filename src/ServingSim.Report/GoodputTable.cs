using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>A search for the max goodput as a person reads it.</summary>
public static class GoodputTable
{
    /// <summary>The search as plain text of at most this many columns.</summary>
    /// <param name="goodput">The search.</param>
    /// <param name="band">The same with fast, predicted and slow steps; null where it was not asked for.</param>
    /// <param name="columns">The greatest width.</param>
    public static string Text(Goodput goodput, Banded<Goodput>? band = null, int columns = 100)
    {
        ReplicationsSection section = goodput.Scenario.Scenario.Replications;
        var table = TextTable.Headed(
            "requests/s", "x own rate", "in SLO", "lower end", "p99 TTFT, ms", "p99 TPOT, ms", "good/s", "");
        foreach (GoodputPoint point in goodput.Points)
        {
            TextTable.AddRow(
                table, Numbers.Digits(point.RatePerS), Numbers.Digits(point.Factor),
                Numbers.Percent(point.Attainment?.Mean), Numbers.Percent(point.Low),
                Numbers.Digits(point.Mean("p99_ttft_ms")), Numbers.Digits(point.Mean("p99_tpot_ms")),
                Numbers.Digits(point.RatePerS * point.Attainment?.Mean), MarkOf(point, goodput));
        }

        List<IRenderable> parts =
        [
            new Text($" {VerdictOf(goodput)}\n"),
            new Text(
                $" A rate meets if the lower end of a one-sided {100 * section.Confidence:0.##} % interval over "
                + $"{section.Count} replications does;\n {goodput.Runs:N0} simulations\n"),
            table,
            .. band is null ? [] : new[] { Band(band) },
            .. NotesOf(goodput, section.Confidence).Select(note => new Text($" note: {note}\n")),
            .. goodput.Rises.Select(rise => new Text(
                $" note: not monotone: with {Numbers.Digits(rise.Higher.RatePerS)} requests/s more are within the SLO "
                + $"than with {Numbers.Digits(rise.Lower.RatePerS)}; a higher rate than the answer may do\n")),
        ];
        return PlainText.Of(new Rows(parts), columns);
    }

    private static Table Band(Banded<Goodput> band)
    {
        var table = TextTable.Headed("band of step times", [.. band.Runs.Select(run => run.Key)]);
        TextTable.AddRow(
            table,
            [
                "max goodput, requests/s",
                .. band.Runs.Select(run =>
                    (run.Value.IsUnbounded ? "> " : "") + Numbers.Digits(run.Value.Answer?.RatePerS)),
            ]);
        return table;
    }

    private static IEnumerable<string> NotesOf(Goodput goodput, double confidence) => goodput.Answer is { } answer
        ? new[]
        {
            AllWithin.NoteOf([.. answer.Trials.Select(t => t.Run!.Figures)], confidence),
            answer.Trend?.Note,
        }.OfType<string>().Select(note => "at the answer " + note)
        : [];

    private static string VerdictOf(Goodput goodput)
    {
        string target = Numbers.Percent(goodput.Target) + " of the requests within their SLO";
        return goodput switch
        {
            { IsUnbounded: true } =>
                $"No limit found: also at {Numbers.Digits(goodput.Answer!.RatePerS)} requests/s are {target}",
            { Answer: { } answer } =>
                $"Max goodput: {Numbers.Digits(answer.RatePerS)} requests/s, {Numbers.Digits(answer.Factor)} times the "
                + $"scenario's own rate, with {target}",
            _ => $"No rate has {target}: the least tried, {Numbers.Digits(goodput.Points[0].RatePerS)} requests/s, has "
                + Numbers.Percent(goodput.Points[0].Low),
        };
    }

    private static string MarkOf(GoodputPoint point, Goodput goodput) =>
        point.Factor == goodput.Factor ? "<- answer"
        : point.Trend is not null ? "queue grows"
        : point.Meets ? "meets"
        : "fails";
}
