using System.Text.Json;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// The figures of a run by name: the paths of summary.json, keys joined by dots. Those of all requests go without
/// <c>overall</c>: <c>p99_ttft_ms</c>, <c>attainment</c>, <c>by_label.service.api.p99_ttft_ms</c>.
/// </summary>
public sealed class RunFigures
{
    private const string Overall = "overall.";

    /// <summary>What describes the run, or is told of all requests once more.</summary>
    private static readonly string[] LeftOut =
    [
        "schema", "seed", "arrived", "trace", "itl_percentile_relative_error", "requests_csv_sample_every",
        "ttft_tpot_e2el_percentile_relative_error",
    ];

    private readonly Dictionary<string, double?> _values = [];
    private readonly List<string> _names = [];

    private RunFigures()
    {
    }

    /// <summary>All names, in the order of summary.json.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>A figure; null if it is undefined in this run, or its label or reason did not occur.</summary>
    public double? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The figures of a run.</summary>
    public static RunFigures Of(Summary summary)
    {
        using JsonDocument json = JsonDocument.Parse(SummaryJson.Text(summary));
        RunFigures figures = new();
        figures.Add("", json.RootElement);
        return figures;
    }

    /// <summary>Figures that were kept by name, in this order.</summary>
    public static RunFigures Of(IEnumerable<KeyValuePair<string, double?>> values)
    {
        RunFigures figures = new();
        foreach ((string name, double? value) in values)
        {
            figures.Add(name, value);
        }

        return figures;
    }

    /// <summary>What is wrong with a name that is no figure of these runs; null if it is one.</summary>
    public static string? ProblemOf(string name, IEnumerable<RunFigures> runs)
    {
        string[] known = [.. runs.SelectMany(r => r._names).Distinct()];
        return known.Contains(name) ? null
            : $"no figure is named {Scenarios.Names.Quote(name)}"
                + Scenarios.Names.Known(name, [.. known.Where(k => !k.Contains('.'))])
                + ", and those of summary.json's other parts by their paths";
    }

    private void Add(string path, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Add(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
                }

                break;
            case JsonValueKind.Number or JsonValueKind.Null when !LeftOut.Contains(path):
                string name = path.StartsWith(Overall, StringComparison.Ordinal) ? path[Overall.Length..] : path;
                Add(name, element.ValueKind == JsonValueKind.Null ? null : element.GetDouble());
                break;
            default:
                break;
        }
    }

    private void Add(string name, double? value)
    {
        _names.Add(name);
        _values[name] = value;
    }
}
