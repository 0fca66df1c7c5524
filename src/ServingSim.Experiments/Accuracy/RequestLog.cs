using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Accuracy;

/// <summary>A log of measured requests: what is replayed of it, and what is scored.</summary>
/// <param name="section">What the case says of it.</param>
/// <param name="node">Where it says so.</param>
/// <param name="errors">Receives what is wrong.</param>
internal sealed class RequestLog(RequestsSection section, ConfigNode node, ErrorList errors)
{
    /// <summary>More wrong rows of a log than these say nothing new.</summary>
    private const int MostErrors = 10;

    private const string Arrival = "arrival_s";
    private const string Output = "output_tokens";
    private const string Ttft = "ttft_ms";
    private const string E2el = "e2el_ms";

    /// <summary>The scored rows and what they say, by the request's number; none where something is wrong.</summary>
    public IReadOnlyDictionary<long, (MeasuredRow Row, MeasuredRequest Request)> Read(MeasuredTable table)
    {
        if (!AreColumnsFine(table))
        {
            return new Dictionary<long, (MeasuredRow, MeasuredRequest)>();
        }

        // Failed requests have no output, and are not replayed
        MeasuredRow[] rows = [.. table.Rows.Where(r => r.Number(NameOf(Output)) is not 0)];
        if (rows.Length <= section.SkipFirst)
        {
            errors.Add(
                node.Origin, "requests.skip_first", $"leaves none of the {rows.Length} requests of {table.File}");
        }

        SortedDictionary<long, (MeasuredRow, MeasuredRequest)> scored = [];
        int wrong = 0;
        foreach ((int index, MeasuredRow row) in rows.Index().Skip(section.SkipFirst))
        {
            if (Read(row) is { } request)
            {
                scored.Add(index, (row, request));
            }
            else if (++wrong == MostErrors)
            {
                break;
            }
        }

        return scored;
    }

    /// <summary>The scenario with this log as its workload, and what is not scored as its warm-up.</summary>
    /// <param name="scenario">What the scenario says otherwise.</param>
    /// <param name="firstScoredS">When the first scored request arrives, in seconds.</param>
    public ConfigNode Over(ConfigNode scenario, double firstScoredS)
    {
        ConfigOrigin at = node.Origin;
        ConfigNode file = node["file"]!;
        ConfigEntry[] columns =
        [
            .. section.Columns.Where(c => PlainRows.Known.Contains(c.Key))
                .Select(c => Entry(c.Key, ConfigNode.Scalar(at, c.Value, isQuoted: true))),
        ];
        ConfigNode source = ConfigNode.Mapping(at,
        [
            Entry(ConfigNode.PartNameKey, Text("plain-trace")),
            Entry("path", ConfigNode.Scalar(file.Origin, section.File, isQuoted: true)),
            Entry("columns", ConfigNode.Mapping(at, columns)),
        ]);
        ConfigNode workload = (scenario["workload"] ?? ConfigNode.Mapping(at, [])).With(Entry("source", source));
        ConfigNode replay = scenario.With(Entry("workload", workload));
        return section.SkipFirst == 0 ? replay
            : replay.With(Entry("warmup", Text(Duration.Format(SimTime.FromSeconds(firstScoredS)))));

        ConfigNode Text(string text) => ConfigNode.Scalar(at, text, isQuoted: false);
        ConfigEntry Entry(string key, ConfigNode value) => new(key, at, value);
    }

    private bool AreColumnsFine(MeasuredTable table)
    {
        string[] known = [.. PlainRows.Known, Ttft, E2el];
        List<string> problems = [.. PlainOptions.ProblemsOf(section.Columns.Keys.Except([Ttft, E2el]))];
        problems.AddRange(
            from column in section.Columns.Keys.Intersect(known).Union(PlainRows.Columns)
            where table.Find(NameOf(column)) is null
            select $"{table.File} has no column {Names.Quote(NameOf(column))} for {column}"
                + Names.Known(NameOf(column), [.. table.Columns]));
        if (table.Find(NameOf(Ttft)) is null && table.Find(NameOf(E2el)) is null)
        {
            problems.Add($"{table.File} has neither {Ttft} nor {E2el}; expected the file's name for at least one");
        }

        foreach (string problem in problems)
        {
            errors.Add(node["columns"]?.Origin ?? node.Origin, "requests.columns", problem);
        }

        return problems.Count == 0;
    }

    private MeasuredRequest? Read(MeasuredRow row)
    {
        bool isRight = true;
        foreach (string column in new[] { Arrival, Output, Ttft, E2el })
        {
            // A latency of 0 is none: no error could be told of it
            bool isLatency = column is Ttft or E2el;
            string? text = row[NameOf(column)];
            double? number = row.Number(NameOf(column));
            if (text is null || (text.Length == 0 && isLatency) || (isLatency ? number > 0 : number >= 0))
            {
                continue;
            }

            Refuse(
                $"'{NameOf(column)}' is {Names.Quote(text)}; expected a number"
                    + (isLatency ? " above 0" : ", 0 or more"));
        }

        if (row.Number(NameOf(Ttft)) > row.Number(NameOf(E2el)))
        {
            Refuse(
                $"'{NameOf(Ttft)}' is {Names.Quote(row[NameOf(Ttft)]!)}; expected no more than '{NameOf(E2el)}', "
                    + row[NameOf(E2el)]);
        }

        void Refuse(string problem)
        {
            errors.Add(new ConfigOrigin(row.Table.File, "", (int)row.Line, 1), "", problem);
            isRight = false;
        }

        return !isRight ? null : new MeasuredRequest(
            row.Number(NameOf(Arrival))!.Value, (int)row.Number(NameOf(Output))!.Value, row.Number(NameOf(Ttft)),
            row.Number(NameOf(E2el)));
    }

    private string NameOf(string column) => section.Columns.GetValueOrDefault(column, column);
}
