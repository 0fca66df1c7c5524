using ServingSim.Experiments.Workloads.Traces;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>A <see cref="TraceConversion"/> as a person reads it at a glance, in 100 columns.</summary>
public static class ConversionTable
{
    private const int Columns = 100;

    /// <summary>The text, without colours.</summary>
    public static string Text(TraceConversion conversion)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        Row("read", $"{conversion.Input}, {TraceFormats.NameOf(conversion.From)}, {conversion.RowsRead:N0} rows");
        Row("dropped", conversion.Failed == 0
            ? "none"
            : $"{conversion.Failed:N0} failed, {conversion.FailedWithoutSize:N0} of them without any size");
        Row("written", $"{conversion.Output}, {TraceFormats.NameOf(conversion.To)}, {conversion.RowsWritten:N0} rows");
        foreach ((string what, long rows) in conversion.Lost)
        {
            Row("lost", $"{what}: {rows:N0} rows");
        }

        foreach (string note in conversion.Notes)
        {
            Row("note", note);
        }

        return PlainText.Of(table, Columns);

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }
}
