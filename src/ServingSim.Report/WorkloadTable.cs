using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads.Traces;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>What was fitted or generated, as text in 100 columns.</summary>
public static class WorkloadTable
{
    private const int Columns = 100;
    private const double SecondsPerDay = 86_400;

    /// <summary>What became of each service of a trace.</summary>
    public static string Text(WorkloadFit fit)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (var name in new[] { "service", "rows", "source", "arrivals", "why" })
        {
            table.AddColumn(name);
        }

        foreach (FittedService s in fit.Services)
        {
            TextTable.AddRow(
                table, s.Name, $"{s.Rows:N0}", s.Source ?? "left out", s.Arrivals ?? Numbers.Undefined, s.Why);
        }

        return PlainText.Of(table, Columns);
    }

    /// <summary>What was written.</summary>
    public static string Text(GeneratedTrace trace)
    {
        var text = $"written {trace.Output}, {TraceFormats.NameOf(trace.Format)}, {trace.Rows:N0} rows"
            + (trace.Failed > 0 ? $", {trace.Failed:N0} of them failed" : "")
            + $", {trace.LastS / SecondsPerDay:N2} days\n";
        return text + string.Concat(trace.Notes.Select(note => $"note    {note}\n"));
    }
}
