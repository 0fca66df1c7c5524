using ServingSim.Experiments.Scenarios;
using Spectre.Console;
using static ServingSim.Report.Numbers;

namespace ServingSim.Report;

/// <summary>How well a latency model fits, as a person reads it.</summary>
public static class CalibrationTable
{
    /// <summary>The errors as plain text of at most this many columns.</summary>
    public static string Text(LatencyFile file, int columns = 80)
    {
        var table = TextTable.Headed("predicted / measured - 1", "rows", "p5", "p25", "p50", "p75", "p95");
        Residuals all = file.Residuals!;
        TextTable.AddRow(
            table, "steps of all rows", Whole(file.FittedOn.Sum(f => f.Rows)) + " fitted", Percent(all.P5),
            Percent(all.P25), Percent(all.P50), Percent(all.P75), Percent(all.P95));
        string heldOut = file.HeldOut is { } errors
            ? $"held out: {Whole(errors.Rows)} steps, off by {Percent(errors.MedianError)} in the median, "
                + $"{Percent(errors.P90Error)} at p90"
            : "nothing was held out: how far it is off elsewhere is not known";
        string missing = file.LacksPrefill
            ? " prefill is not fitted, of which no step was measured: a prompt's token costs\n"
                + " what decoding one does, and no step is faster than the GPU's peaks allow, so\n"
                + " prompts are too fast; runs count such steps as outside the measured range\n"
            : "";
        return PlainText.Of(new Rows(table, new Text($" {file.Provenance()}\n {heldOut}\n{missing}")), columns);
    }
}
