using ServingSim.Experiments.Accuracy;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>Measured, predicted and error as a person reads them.</summary>
public static class AccuracyTable
{
    private const int MostCases = 60;

    /// <summary>The result as plain text of at most this many columns; of many cases, the worst.</summary>
    public static string Text(AccuracyResult result, int columns = 100)
    {
        (CaseResult Case, ScoredFigure Figure)[] all =
            [.. result.Cases.SelectMany(c => c.Figures.Select(f => (c, f)))];
        var shown = all.Length <= MostCases
            ? all
            : [.. all.OrderByDescending(r => r.Figure.Error is { } e ? Math.Abs(e) : double.MaxValue).Take(MostCases)];
        List<IRenderable> parts =
        [
            Cases(shown),
            .. all.Length > shown.Length
                ? [new Text($" the {MostCases} largest errors of {all.Length:N0}; {AccuracyTables.Figures} has all\n")]
                : Array.Empty<IRenderable>(),
            Summaries(result),
            .. result.StepTimes.Select(s => new Text($" step times of {Count(s.Cases)}: {s.StepTimes}\n")),
        ];
        parts.AddRange(CutShort(result).Select(note => new Text($" {note}\n")));
        if (result.Cases.Any(c => c.Case.InSample is not null))
        {
            parts.Add(new Text($" {InSampleNote}\n"));
        }

        return PlainText.Of(new Rows(parts), columns);
    }

    /// <summary>What the mark of a case means.</summary>
    internal const string InSampleNote = "* the latency model was fitted on this: no prediction";

    /// <summary>A line for each case whose requests the simulation did not all serve as they were measured.</summary>
    internal static IEnumerable<string> CutShort(AccuracyResult result) =>
        from one in result.Cases
        where one.CutShort > 0
        select $"{one.Case.Name}: of {Numbers.Whole(one.Requests.Count)} requests {Numbers.Whole(one.CutShort)} were "
            + "refused or cut short in the simulation: its figures are not of the same tokens";

    /// <summary>A case's name with its mark.</summary>
    internal static string NameOf(AccuracyCase one) => one.Name + (one.InSample is null ? "" : " *");

    /// <summary>"1 case", "12 cases".</summary>
    internal static string Count(int cases) => $"{Numbers.Whole(cases)} case{(cases == 1 ? "" : "s")}";

    /// <summary>"+3.2 %".</summary>
    internal static string Error(double? error) =>
        error is { } share ? (share >= 0 ? "+" : "") + Numbers.Percent(share) : Numbers.Undefined;

    private static Table Cases(IEnumerable<(CaseResult Case, ScoredFigure Figure)> rows)
    {
        var table = TextTable.Headed("case", "figure", "measured", "predicted", "error");
        string? last = null;
        foreach ((CaseResult one, ScoredFigure figure) in rows)
        {
            string name = NameOf(one.Case);
            TextTable.AddRow(
                table, name == last ? "" : name, figure.Figure, Numbers.Digits(figure.Measured),
                Numbers.Digits(figure.Predicted), Error(figure.Error));
            last = name;
        }

        return table;
    }

    private static Table Summaries(AccuracyResult result)
    {
        var table = TextTable.Headed("group", "figure", "cases", "median", "median |e|", "mean |e|", "p90 |e|");
        string? last = null;
        foreach (ErrorSummary summary in result.Summaries)
        {
            TextTable.AddRow(
                table, summary.Group == last ? "" : summary.Group, summary.Figure, CountOf(summary),
                Error(summary.MedianError), Numbers.Percent(summary.MedianAbsoluteError),
                Numbers.Percent(summary.MeanAbsoluteError), Numbers.Percent(summary.P90AbsoluteError));
            last = summary.Group;
        }

        return table;
    }

    /// <summary>"8", or "7 of 8" where one gave nothing; "8, 2 *" where two are no predictions.</summary>
    internal static string CountOf(ErrorSummary summary) =>
        (summary.Undefined == 0 ? "" : $"{Numbers.Whole(summary.Cases - summary.Undefined)} of ")
        + Numbers.Whole(summary.Cases)
        + (summary.InSample == 0 ? "" : $", {Numbers.Whole(summary.InSample)} *");
}
