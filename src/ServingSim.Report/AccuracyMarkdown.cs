using System.Text;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Report;

/// <summary>A result as a Markdown page: every case, whatever its error; the same at any time on any machine.</summary>
public static class AccuracyMarkdown
{
    /// <summary>The page.</summary>
    public static string Text(AccuracyResult result)
    {
        StringBuilder page = new();
        page.Append($"# Accuracy: {result.Plan.Name}\n\n");
        page.Append(
            $"Written by `servingsim accuracy`, version {ProgramVersion.Number}. An error is the predicted value less "
            + "the measured one, as a share of\nthe measured one; |e| is its size.\n");
        foreach (AccuracyFile file in result.Plan.Files)
        {
            page.Append($"\n**{file.Name}**");
            page.Append(file.About is { } about ? $": {about.Trim()}\n" : "\n");
        }

        page.Append('\n');
        foreach ((string stepTimes, int cases) in result.StepTimes)
        {
            page.Append($"- Step times of {AccuracyTable.Count(cases)}: {stepTimes}\n");
        }

        foreach (string note in AccuracyTable.CutShort(result))
        {
            page.Append($"- {note}\n");
        }

        page.Append("\n## By group\n\n");
        Row(page, "group", "figure", "cases", "median", "median \\|e\\|", "mean \\|e\\|", "p90 \\|e\\|");
        Rule(page, 2, 5);
        foreach (ErrorSummary s in result.Summaries)
        {
            Row(
                page, s.Group, s.Figure, AccuracyTable.CountOf(s), AccuracyTable.Error(s.MedianError),
                Numbers.Percent(s.MedianAbsoluteError), Numbers.Percent(s.MeanAbsoluteError),
                Numbers.Percent(s.P90AbsoluteError));
        }

        page.Append("\n## By case\n\n");
        Row(page, "group", "case", "figure", "measured", "predicted", "error");
        Rule(page, 3, 3);
        foreach (CaseResult one in result.Cases)
        {
            foreach (ScoredFigure figure in one.Figures)
            {
                Row(
                    page, one.Case.Group, AccuracyTable.NameOf(one.Case), figure.Figure,
                    Numbers.Digits(figure.Measured), Numbers.Digits(figure.Predicted),
                    AccuracyTable.Error(figure.Error));
            }
        }

        if (result.Cases.Any(c => c.Case.InSample is not null))
        {
            page.Append($"\n\\{AccuracyTable.InSampleNote}\n");
        }

        return page.ToString();
    }

    private static void Row(StringBuilder page, params string[] cells) =>
        page.Append($"| {string.Join(" | ", cells.Select(c => c.Length == 0 ? " " : c))} |\n");

    private static void Rule(StringBuilder page, int texts, int numbers) => page
        .Append('|').Insert(page.Length, " --- |", texts).Insert(page.Length, " ---: |", numbers).Append('\n');
}
