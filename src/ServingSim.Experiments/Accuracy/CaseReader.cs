using System.Globalization;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Reads a file of cases, and everything that they name; all that is wrong is added to the errors.</summary>
internal sealed class CaseReader
{
    private readonly AccuracyOptions _options;
    private readonly Catalog _catalog;
    private readonly ErrorList _errors;
    private readonly Setting?[] _settings;
    private readonly Dictionary<string, MeasuredTable?> _tables = [];

    /// <summary>A reader of any number of files.</summary>
    /// <param name="options">What the command line says.</param>
    /// <param name="catalog">What scenarios can name.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public CaseReader(AccuracyOptions options, Catalog catalog, ErrorList errors)
    {
        (_options, _catalog, _errors) = (options, catalog, errors);
        _settings = [.. options.Settings.Select(s => Setting.Parse(s, errors))];
    }

    /// <summary>The file and its cases; null where it cannot be understood.</summary>
    public (AccuracyFile File, IReadOnlyList<AccuracyCase> Cases)? Read(string path)
    {
        string full = Path.GetFullPath(path);
        ConfigLoader loader = new(_errors);
        if (loader.Load(full, asked: null) is not { } root
            || new Binder(_catalog, _errors).BindRecord(typeof(AccuracyFile), root) is not AccuracyFile file)
        {
            return null;
        }

        ConfigNode? shared = ScenarioOf(file.Scenario, root, full);
        List<AccuracyCase> cases = [];
        foreach ((CaseSection section, ConfigNode node) in file.Cases.Zip(root["cases"]!.Items))
        {
            ConfigNode? own = ScenarioOf(section.Scenario, node, full);
            if (shared is not null && own is not null)
            {
                cases.AddRange(new Section(this, section, node, own.Over(shared), path).Cases());
            }
        }

        return (file, cases);
    }

    /// <summary>What a scenario says, whether it stands here or in a file of its own; null where it has errors.</summary>
    private ConfigNode? ScenarioOf(ConfigNode? node, ConfigNode parent, string file)
    {
        if (node is null or { Kind: ConfigKind.Null })
        {
            return ConfigNode.Mapping(parent.Origin, []);
        }

        ConfigLoader loader = new(_errors);
        return node.Kind == ConfigKind.Scalar && Paths.Resolve(node.Origin.Folder, node.Text) is { } path
            ? loader.Load(path, node.Origin)
            : loader.WithIncludes(node, file);
    }

    private MeasuredTable? TableOf(string file, ConfigNode node)
    {
        FilePath path = new(Path.GetFullPath(file, FolderOf(node)), file);
        if (!_tables.TryGetValue(path.FullPath, out MeasuredTable? table))
        {
            try
            {
                table = MeasuredTable.Read(path);
            }
            catch (TraceException e)
            {
                _errors.Add(node.Origin, "", e.Message);
            }

            _tables.Add(path.FullPath, table);
        }

        return table;
    }

    private string FolderOf(ConfigNode node) => _options.DataFolder is { } data
        ? Path.GetFullPath(data)
        : node.Origin.Folder;

    /// <summary>One entry of the file.</summary>
    private sealed class Section(
        CaseReader reader, CaseSection section, ConfigNode node, ConfigNode scenario, string path)
    {
        private readonly ErrorList _errors = reader._errors;
        private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> _names =
            section.Rows?.Names ?? new Dictionary<string, IReadOnlyDictionary<string, string>>();

        internal IEnumerable<AccuracyCase> Cases()
        {
            if (section.Rows is not { } rows)
            {
                return Case(null) is { } one ? [one] : [];
            }

            ConfigNode at = node["rows"]!;
            return reader.TableOf(rows.File, at) is { } table
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

            measured.AddRange(Measured(template));
            if (measured.Count == 0)
            {
                _errors.Add(node.Origin, "measured", $"{row?.Table.File}:{row?.Line} says nothing of any figure");
            }

            LoadedScenario? loaded = LoadedScenario.TryRead(Named(filled), path, reader._settings, reader._catalog, _errors);
            return loaded is null ? null : new AccuracyCase(
                NameOf(row, template), template.Fill(section.Group, node.Origin), SourceOf(row), loaded, measured,
                requests, KnownTo(loaded, rows, [.. section.Runs.Select(r => template.Fill(r, node.Origin))]));
        }

        private IReadOnlyDictionary<long, (MeasuredRow Row, MeasuredRequest Request)>? Log()
        {
            ConfigNode at = node["requests"]!;
            return reader.TableOf(section.Requests!.File, at) is { } table
                ? new RequestLog(section.Requests, at, _errors).Read(table)
                : null;
        }

        /// <summary>The log's section with its file's name relative to the folder of the data.</summary>
        private ConfigNode InFolder(ConfigNode at)
        {
            ConfigNode file = at["file"]!;
            ConfigOrigin origin = file.Origin with { Folder = reader.FolderOf(file) };
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

        private string? KnownTo(LoadedScenario loaded, List<MeasuredRow> rows, string[] runs)
        {
            string? reason = InSample.Of(loaded.Scenario, rows, runs);
            if (reason is not null && !reader._options.MayBeInSample)
            {
                _errors.Add(
                    node.Origin, "",
                    $"case {section.Name}: the latency model was {reason}; expected another, or --in-sample");
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
}
