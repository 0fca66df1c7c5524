using System.Globalization;
using System.Text;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Report;

/// <summary>A reproduced pack as one Markdown page; the same at any time on any machine.</summary>
public static class ReproductionMarkdown
{
    /// <summary>The page.</summary>
    public static string Text(ReproducedPack result)
    {
        StringBuilder page = new();
        page.Append($"# {result.Pack.File.Title}\n\n");
        page.Append(
            $"Written by `servingsim reproduce {result.Pack.Name}`, version {ProgramVersion.Number}, seed "
            + $"{result.Seed}. {result.Pack.File.About.Trim()}\n\n");
        Row(page, "figure", "what", "verdict");
        Rule(page, 3, 0);
        foreach (Comparison figure in result.Figures)
        {
            Row(page, $"[{figure.Figure.Id}](#{figure.Figure.Id})", figure.Figure.File.Title, Word(figure.Verdict));
        }

        foreach (Comparison figure in result.Figures)
        {
            Figure(page, figure);
        }

        if (result.Pack.File.LeftOut.Count > 0)
        {
            page.Append("\n## Not reproduced\n\n");
            page.AppendJoin("", result.Pack.File.LeftOut.Select(what => $"- {what.Trim()}\n"));
        }

        return page.ToString();
    }

    /// <summary>A verdict's kind in words.</summary>
    internal static string Word(Verdict verdict) => verdict.Kind switch
    {
        VerdictKind.Reproduced => "reproduced",
        VerdictKind.Differs => "differs",
        VerdictKind.NoPublishedNumber => "no published number",
        _ => "data missing",
    };

    private static void Figure(StringBuilder page, Comparison figure)
    {
        FigureFile file = figure.Figure.File;
        page.Append($"\n## {figure.Figure.Id}\n\n{file.Title}. Original: {file.Source}.\n\n");
        page.Append($"**{Word(figure.Verdict)}**: {figure.Verdict.Reason}\n\n");
        if (figure.Data.Count > 0)
        {
            page.Append($"{ReproductionPictures.Origin(figure)}.\n\n");
        }

        if (file.About is { } about)
        {
            page.Append($"{about.Trim()}\n\n");
        }

        foreach (string note in figure.Made?.Notes ?? [])
        {
            page.Append($"{note}\n\n");
        }

        foreach (Picture picture in figure.Made?.Pictures ?? [])
        {
            page.Append($"![{picture.Title}]({picture.Name}{ReproductionPictures.Png})\n\n");
            page.Append(
                $"[SVG]({picture.Name}{ReproductionPictures.Svg}), [CSV]({picture.Name}{ReproducedCsv.Extension})\n\n");
        }

        foreach (PackTable table in figure.Made?.Tables ?? [])
        {
            Table(page, table);
        }

        Numbers(page, figure);
    }

    private static void Table(StringBuilder page, PackTable table)
    {
        page.Append($"{table.Title} ([CSV]({table.Name}{ReproducedCsv.Extension}))");
        page.Append(table.IsShown ? ":\n\n" : ".\n\n");
        if (table.IsShown)
        {
            Row(page, [.. table.Columns]);
            Rule(page, table.Columns.Count, 0);
            foreach (IReadOnlyList<string> row in table.Rows)
            {
                Row(page, [.. row]);
            }

            page.Append('\n');
        }
    }

    private static void Numbers(StringBuilder page, Comparison figure)
    {
        if (figure.Compared.Count == 0)
        {
            return;
        }

        page.Append("Published beside ours:\n\n");
        Row(page, "number", "unit", "published", "from", "ours", "off by", "");
        Rule(page, 2, 1);
        page.Length--;
        page.Append(" --- | ---: | ---: | --- |\n");
        foreach (ComparedNumber c in figure.Compared)
        {
            PublishedNumber p = c.Published;
            Row(
                page, p.Number, p.Unit, p.Value is { } value ? Number(value) : "unknown", p.Value is null ? "" : Of(p),
                Ours(c.Ours), Off(c), Outcome(c, figure));
        }
    }

    private static string Of(PublishedNumber published) => published.From switch
    {
        NumberSource.Paper => "paper",
        NumberSource.Digitised => "figure, digitised",
        NumberSource.ReadByEye => "figure, by eye",
        _ => "rows",
    };

    private static string Ours(OurNumber? ours) => ours?.Value is not { } value ? "-"
        : ours is { Low: { } low, High: { } high } ? $"{Number(value)} ({Number(low)} to {Number(high)})"
        : Number(value);

    private static string Off(ComparedNumber c) => c.Ours?.Value is not { } ours || c.Published.Value is not { } value
        ? "" : c.Deviation is { } share ? Report.Numbers.Signed(share) : Number(ours - value);

    private static string Outcome(ComparedNumber c, Comparison figure)
    {
        string fitted = c.Published.Fitted && figure.Data.Any(d => d.IsGenerated) ? ", fitted on it" : "";
        return c.Outcome switch
        {
            ComparedOutcome.Within => "within" + fitted,
            ComparedOutcome.Outside => "outside" + fitted,
            ComparedOutcome.NotPublished => "",
            _ => "no data",
        };
    }

    private static string Number(double value) =>
        value != 0 && Math.Abs(value) < 1 ? value.ToString("0.####", CultureInfo.InvariantCulture)
        : value.ToString(Math.Abs(value) < 1000 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    private static void Row(StringBuilder page, params string[] cells) =>
        page.Append($"| {string.Join(" | ", cells.Select(Cell))} |\n");

    private static string Cell(string text) =>
        text.Length == 0 ? " " : text.Replace("|", "\\|", StringComparison.Ordinal);

    private static void Rule(StringBuilder page, int texts, int numbers) => page
        .Append('|').Insert(page.Length, " --- |", texts).Insert(page.Length, " ---: |", numbers).Append('\n');
}
