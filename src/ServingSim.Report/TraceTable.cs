using ServingSim.Experiments.Workloads.Traces;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>A <see cref="TraceInfo"/> as a person reads it at a glance, in 100 columns.</summary>
public static class TraceTable
{
    private const int Columns = 100;
    private const double SecondsPerHour = 3_600;
    private const double SecondsPerDay = 86_400;

    /// <summary>The text, without colours.</summary>
    public static string Text(TraceInfo trace) => PlainText.Of(new Rows(Facts(trace), Classes(trace)), Columns);

    private static Table Facts(TraceInfo trace)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        Row("file", $"{trace.File}, {trace.Bytes:N0} bytes");
        Row("format", $"{Format(trace)}; a scenario replays it by '{TraceFormats.ReaderOf(trace.Format)}'");
        Row("rows", $"{trace.Rows:N0}");
        Row("failed", trace.Failed == 0
            ? "none"
            : $"{trace.Failed:N0} without a response, {trace.FailedWithoutSize:N0} of them without any size; a replay "
                + "drops them");
        Row("span", $"{trace.FirstS:#,0.###} s to {trace.LastS:#,0.###} s, {Duration(trace.LastS - trace.FirstS)}");
        Row("sorted", trace.IsSorted
            ? $"yes, {trace.Ties:N0} rows at the same time as the one before"
            : "no, and only a sorted trace can be replayed");
        Row("busiest second", Span(trace.BusiestSecond));
        Row("busiest minute", Span(trace.BusiestMinute));
        Row("busiest hour", Span(trace.BusiestHour));
        if (trace.IdealHitRate is { } hitRate)
        {
            Row("ideal hit rate", $"{100 * hitRate:0.0} % of the prompt tokens came before, in whole blocks");
        }

        return table;

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Format(TraceInfo trace) => trace.Format switch
    {
        TraceFormat.BurstGpt when trace.HasSessions => "BurstGPT with sessions (as BurstGPT_3)",
        TraceFormat.BurstGpt => "BurstGPT (as BurstGPT_1 and _2)",
        TraceFormat.Azure => "Azure LLM inference",
        TraceFormat.Mooncake => "Mooncake",
        _ => "plain",
    };

    private static string Duration(double seconds) => seconds < SecondsPerDay
        ? $"{seconds / SecondsPerHour:0.00} hours"
        : $"{seconds / SecondsPerDay:0.00} days";

    private static string Span(BusiestSpan? span) =>
        span is { } busiest
            ? $"{busiest.Rows:N0} rows from {busiest.StartSecond:N0} s on"
            : "unknown: rows are not sorted";

    private static Table Classes(TraceInfo trace)
    {
        (string Column, Func<TraceClass, string?> Value)[] names =
            [("model", c => c.Model), ("log type", c => c.LogType), ("tenant", c => c.Tenant)];
        names = [.. names.Where(n => trace.Classes.Any(c => n.Value(c) is not null))];
        var table = new Table().Border(TableBorder.Simple);
        foreach ((string column, _) in names)
        {
            table.AddColumn(column);
        }

        foreach (string name in new[] { "rows", "failed", "tokens", "mean", "p50", "p90", "p99", "max" })
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (TraceClass of in trace.Classes)
        {
            string[] first = [.. names.Select(n => n.Value(of) ?? "-"), $"{of.Rows:N0}", $"{of.Failed:N0}"];
            AddClass(table, first, "prompt", of.PromptTokens);
            AddClass(table, [.. first.Select(_ => "")], "output", of.OutputTokens);
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
