using ServingSim.Experiments.Results;
using Spectre.Console;
using static ServingSim.Report.Numbers;

namespace ServingSim.Report;

/// <summary>Failures in the trace beside those of the run, as a person reads them.</summary>
internal static class FailuresTable
{
    private const int Quarters = 4;

    /// <summary>Two rows a service: what failed in the trace and in the run, by load of the window.</summary>
    internal static Table Of(IReadOnlyList<FailureFigures> failures)
    {
        Table table = TextTable.Headed(
            "failed, by load of its window", "all", "least", "2nd", "3rd", "most", "r with load");
        foreach (FailureFigures service in failures)
        {
            TextTable.AddRow(table, Row(
                $"{service.Total.Service}: trace", service.Total.TraceShare, service.TraceByLoad,
                service.TraceCorrelation));
            TextTable.AddRow(table, Row(
                "  run", service.Total.SimulatedShare, service.SimulatedByLoad, service.SimulatedCorrelation));
        }

        return table;
    }

    private static string[] Row(
        string name, double? share, IReadOnlyList<double?> byLoad, double? correlation) =>
    [
        name, Percent(share),
        .. Enumerable.Range(0, Quarters).Select(q => Percent(byLoad.ElementAtOrDefault(q))), Digits(correlation),
    ];
}
