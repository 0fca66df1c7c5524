using Spectre.Console;

namespace ServingSim.Report;

/// <summary>Tables of text, the first column a name, the others numbers.</summary>
internal static class TextTable
{
    // Text, not markup: names are the user's and may hold brackets.
    public static Table Headed(string first, params string[] others)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn(new Text(first)).PadLeft(0));
        foreach (var name in others)
        {
            table.AddColumn(new TableColumn(new Text(name)).RightAligned().NoWrap().PadLeft(0));
        }

        return table;
    }

    public static void AddRow(Table table, params string[] cells) => table.AddRow(cells.Select(c => new Text(c)));
}
