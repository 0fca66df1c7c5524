using ServingSim.Experiments.Reproducing;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>A reproduced pack as a table of text: a row a figure.</summary>
public static class ReproductionTable
{
    private const int Columns = 150;

    /// <summary>The table.</summary>
    public static string Text(ReproducedPack result)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in new[] { "figure", "verdict", "why" })
        {
            table.AddColumn(new TableColumn(new Text(column)).PadLeft(0));
        }

        foreach (Comparison figure in result.Figures)
        {
            TextTable.AddRow(
                table, figure.Figure.Id, ReproductionMarkdown.Word(figure.Verdict), figure.Verdict.Reason);
        }

        return PlainText.Of(table, Columns);
    }
}
