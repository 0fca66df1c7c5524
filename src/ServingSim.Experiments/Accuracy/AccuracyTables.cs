using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Accuracy;

/// <summary>The tables of a result: errors are shares, signed, empty where nothing was predicted.</summary>
public static class AccuracyTables
{
    /// <summary>One row a case and figure.</summary>
    public const string Figures = "accuracy.csv";

    /// <summary>One row a group and figure.</summary>
    public const string Summaries = "summaries.csv";

    /// <summary>One row a case and scored request of a log.</summary>
    public const string Requests = "requests.csv";

    private static readonly Table<FigureRow> FigureTable = new Table<FigureRow>("accuracy")
        .Text("group", (in r) => r.Case.Group)
        .Text("case", (in r) => r.Case.Name)
        .Text("source", (in r) => r.Case.Source)
        .Text("figure", (in r) => r.Figure.Figure)
        .Text("metric", (in r) => ScoredFigures.MetricOf(r.Figure.Figure))
        .Text("statistic", (in r) => ScoredFigures.StatisticOf(r.Figure.Figure))
        .Number("measured", (in r) => r.Figure.Measured)
        .Number("predicted", (in r) => r.Figure.Predicted)
        .Number("error", (in r) => r.Figure.Error)
        .Text("in_sample", (in r) => r.Case.InSample ?? "")
        .Text("step_times", (in r) => r.Case.StepTimes);

    private static readonly Table<ErrorSummary> SummaryTable = new Table<ErrorSummary>("summaries")
        .Text("group", (in s) => s.Group)
        .Text("figure", (in s) => s.Figure)
        .Integer("cases", (in s) => s.Cases)
        .Integer("in_sample", (in s) => s.InSample)
        .Integer("undefined", (in s) => s.Undefined)
        .Number("median_error", (in s) => s.MedianError)
        .Number("median_absolute_error", (in s) => s.MedianAbsoluteError)
        .Number("mean_absolute_error", (in s) => s.MeanAbsoluteError)
        .Number("p90_absolute_error", (in s) => s.P90AbsoluteError);

    private static readonly Table<RequestRow> RequestTable = new Table<RequestRow>("requests")
        .Text("case", (in r) => r.Case.Name)
        .Integer("request", (in r) => r.Request.Number)
        .Number("arrival_s", (in r) => r.Request.Measured.ArrivalS)
        .Number("measured_ttft_ms", (in r) => r.Request.Measured.TtftMs)
        .Fixed("predicted_ttft_ms", Decimals, (in r) => r.Request.TtftMs)
        .Fixed("measured_tpot_ms", Decimals, (in r) => r.Request.Measured.TpotMs)
        .Fixed("predicted_tpot_ms", Decimals, (in r) => r.Request.TpotMs)
        .Number("measured_e2el_ms", (in r) => r.Request.Measured.E2elMs)
        .Fixed("predicted_e2el_ms", Decimals, (in r) => r.Request.E2elMs);

    private const int Decimals = 6;

    /// <summary>Writes the tables; that of requests only if a log was replayed.</summary>
    public static void Write(ResultFolder folder, AccuracyResult result)
    {
        Write(folder, FigureTable, result.Cases.SelectMany(c => c.Figures.Select(f => new FigureRow(c.Case, f))));
        Write(folder, SummaryTable, result.Summaries);
        if (result.Cases.Any(c => c.Requests.Count > 0))
        {
            Write(
                folder, RequestTable,
                result.Cases.SelectMany(c => c.Requests.Select(r => new RequestRow(c.Case, r))));
        }
    }

    private static void Write<T>(ResultFolder folder, Table<T> table, IEnumerable<T> rows)
    {
        using IRowWriter<T> writer = table.Open(folder, TableFormat.Csv);
        foreach (T row in rows)
        {
            writer.Write(row);
        }
    }

    private readonly record struct FigureRow(AccuracyCase Case, ScoredFigure Figure);

    private readonly record struct RequestRow(AccuracyCase Case, ScoredRequest Request);
}
