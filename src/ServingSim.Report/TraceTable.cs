using ServingSim.Experiments.Workloads.Traces;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>A <see cref="TraceInfo"/> as a person reads it at a glance, in 100 columns.</summary>
public static class TraceTable
{
    private const int Columns = 100;
    private const double SecondsPerDay = 86_400;

    /// <summary>The text, without colours.</summary>
    public static string Text(TraceInfo trace) => PlainText.Of(new Rows(Facts(trace), Classes(trace)), Columns);

    private static Table Facts(TraceInfo trace)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        Row("file", $"{trace.File}, {trace.Bytes:N0} bytes");
        Row("format", trace.HasSessions ? "BurstGPT with sessions (as BurstGPT_3)" : "BurstGPT (as BurstGPT_1 and _2)");
        Row("rows", $"{trace.Rows:N0}");
        Row("failed", $"{trace.Failed:N0} without a response, {trace.FailedWithoutSize:N0} of them without any size");
        Row("span", $"{trace.FirstSecond:N0} s to {trace.LastSecond:N0} s, "
            + $"{(trace.LastSecond - trace.FirstSecond) / SecondsPerDay:0.00} days");
        Row("sorted", trace.IsSorted ? $"yes, {trace.Ties:N0} rows in the same second as the one before" : "no");
        Row("busiest second", Span(trace.BusiestSecond));
        Row("busiest minute", Span(trace.BusiestMinute));
        Row("busiest hour", Span(trace.BusiestHour));
        return table;

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Span(BusiestSpan? span) =>
        span is { } busiest
            ? $"{busiest.Rows:N0} rows from {busiest.StartSecond:N0} s on"
            : "unknown: rows are not sorted";

    private static Table Classes(TraceInfo trace)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("model").AddColumn("log type");
        foreach (string name in new[] { "rows", "failed", "tokens", "mean", "p50", "p90", "p99", "max" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (TraceClass of in trace.Classes)
        {
            AddClass(table, [of.Model, of.LogType, $"{of.Rows:N0}", $"{of.Failed:N0}"], "prompt", of.PromptTokens);
            AddClass(table, ["", "", "", ""], "output", of.OutputTokens);
        }

        return table;
    }

    private static void AddClass(Table table, string[] first, string tokens, TokenStatistics? of)
    {
        string[] numbers = of is null
            ? ["-", "-", "-", "-", "-"]
            : [$"{of.Mean:N1}", $"{of.P50:N0}", $"{of.P90:N0}", $"{of.P99:N0}", $"{of.Max:N0}"];
        table.AddRow([.. first.Append(tokens).Concat(numbers).Select(text => new Text(text))]);
    }
}
