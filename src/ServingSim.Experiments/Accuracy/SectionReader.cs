using System.Globalization;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Makes the cases of one entry of a file.</summary>
/// <param name="reader">What all entries are read with.</param>
/// <param name="section">The entry.</param>
/// <param name="node">Where it stands.</param>
/// <param name="scenario">What its scenarios say, columns not filled in yet.</param>
/// <param name="path">The file, as the user named it.</param>
internal sealed class SectionReader(
    CaseReader reader, CaseSection section, ConfigNode node, ConfigNode scenario, string path)
{
    private readonly ErrorList _errors = reader.Errors;
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> _names =
        section.Rows?.Names ?? new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Its cases; none where something is wrong.</summary>
    public IEnumerable<AccuracyCase> Cases()
    {
        if (section.Rows is not { } rows)
        {
            return Case(null) is { } one ? [one] : [];
        }

        ConfigNode at = node["rows"]!;
        if (reader.Files.TableOf(rows.File, at.Origin) is { } named)
        {
            foreach (string column in rows.Names.Keys.Where(column => named.Find(column) is null))
            {
                _errors.Add(
                    at.Origin, $"rows.names.{column}",
                    $"{named.File} has no such column{Names.Known(column, [.. named.Columns])}");
            }
        }

        return reader.Files.TableOf(rows.File, at.Origin) is { } table
            ? RowFilter.Apply(table, rows.Where, at.Origin, _errors).Select(Case).OfType<AccuracyCase>()
            : [];
    }

    private AccuracyCase? Case(MeasuredRow? row)
    {
        RowTemplate template = new(row, _names, _errors);
        ConfigNode filled = template.Fill(scenario);
        foreach ((string keys, ConfigNode value) in section.Set)
        {
            filled = Setting.Of(keys, template.Fill(value), _errors)?.ApplyTo(filled, _errors) ?? filled;
        }

        List<MeasuredRow> rows = row is null ? [] : [row];
        Dictionary<long, MeasuredRequest> requests = [];
        List<KeyValuePair<string, double>> measured = [];
        if (section.Requests is not null)
        {
            if (Log() is not { Count: > 0 } log)
            {
                return null;
            }

            rows = [.. log.Values.Select(r => r.Row)];
            requests = log.ToDictionary(r => r.Key, r => r.Value.Request);
            measured.AddRange(ScoredFigures.Of(requests.Values));
            ConfigNode at = node["requests"]!;
            filled = new RequestLog(section.Requests, InFolder(at), _errors)
                .Over(filled, requests.Values.First().ArrivalS);
        }

        int before = _errors.Count;
        measured.AddRange(Measured(template));
        if (measured.Count == 0 && _errors.Count == before)
        {
            string where = row is null ? section.Requests?.File ?? "the case" : SourceOf(row);
            _errors.Add(node.Origin, "measured", $"{where} says nothing of any figure, expected one at least");
        }

        LoadedScenario? loaded = LoadedScenario.TryRead(
            Named(filled), path, reader.Settings, reader.Catalog, _errors);
        return loaded is null ? null : new AccuracyCase(
            NameOf(row, template), template.Fill(section.Group, node.Origin), SourceOf(row), loaded, measured,
            requests,
            KnownTo(
                loaded, NameOf(row, template), rows, [.. section.Runs.Select(r => template.Fill(r, node.Origin))]));
    }

    private IReadOnlyDictionary<long, (MeasuredRow Row, MeasuredRequest Request)>? Log()
    {
        ConfigNode at = node["requests"]!;
        return reader.Files.TableOf(section.Requests!.File, at.Origin) is { } table
            ? new RequestLog(section.Requests, at, _errors).Read(table)
            : null;
    }

    /// <summary>The log's section with its file's name relative to the folder of the data.</summary>
    private ConfigNode InFolder(ConfigNode at)
    {
        ConfigNode file = at["file"]!;
        ConfigOrigin origin = file.Origin with { Folder = reader.Files.FolderOf(file.Origin) };
        return at.With(new ConfigEntry("file", origin, ConfigNode.Scalar(origin, file.Text, isQuoted: true)));
    }

    private IEnumerable<KeyValuePair<string, double>> Measured(RowTemplate template)
    {
        foreach ((string figure, ConfigNode value) in section.Measured)
        {
            ConfigNode filled = template.Fill(value);
            if (!ScoredFigures.Known.Contains(figure))
            {
                _errors.Add(
                    value.Origin, "measured",
                    $"unknown figure {Names.Quote(figure)}{Names.Known(figure, ScoredFigures.Known.ToList())}");
            }
            else if (filled.Kind == ConfigKind.Null && RowTemplate.IsTemplate(value.Text))
            {
                continue;
            }
            else if (filled.Kind == ConfigKind.Scalar && ScalarText.TryNumber(filled.Text, out double number)
                && number > 0)
            {
                yield return new(figure, number);
            }
            else
            {
                _errors.Add(
                    value.Origin, $"measured.{figure}",
                    $"found {filled.Found()}, expected a number above 0, or a column as in ${{{figure}}}");
            }
        }
    }

    private string? KnownTo(LoadedScenario loaded, string name, List<MeasuredRow> rows, string[] runs)
    {
        string? reason = InSample.Of(loaded.Scenario, rows, runs);
        if (reason is not null && !reader.Options.MayBeInSample)
        {
            _errors.Add(
                node.Origin, "",
                $"case {name}: the latency model was {reason}; expected another, or --in-sample");
        }

        return reason;
    }

    private string NameOf(MeasuredRow? row, RowTemplate template) =>
        row is null || RowTemplate.IsTemplate(section.Name)
            ? template.Fill(section.Name, node.Origin)
            : string.Create(CultureInfo.InvariantCulture, $"{section.Name}:{row.Line}");

    private string SourceOf(MeasuredRow? row) => row is not null
        ? string.Create(CultureInfo.InvariantCulture, $"{row.Table.File}:{row.Line}")
        : section.Requests?.File ?? "";

    /// <summary>The scenario with what a case need not say.</summary>
    private static ConfigNode Named(ConfigNode scenario)
    {
        ConfigOrigin at = scenario.Origin;
        return scenario.Over(ConfigNode.Mapping(at,
        [
            new ConfigEntry("schema", at, ConfigNode.Scalar(at, "1", isQuoted: false)),
            new ConfigEntry("name", at, ConfigNode.Scalar(at, "case", isQuoted: false)),
        ]));
    }
}
