using System.Globalization;
using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// Figures of cases that ran equally often and shared their chance: replication i of all cases saw the same draws, so
/// that differences are taken pair by pair.
/// </summary>
/// <param name="keys">What tells cases apart, as the columns of a table.</param>
public sealed class PairedFigures(params string[] keys)
{
    /// <summary>Of all intervals, as everywhere else.</summary>
    private const double Confidence = 0.95;

    private readonly OrderedDictionary<string, Case> _cases = [];
    private readonly List<string> _figures = [];

    /// <summary>The cases, in the order in which they were added.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cases => [.. _cases.Values.Select(c => c.Keys)];

    /// <summary>The figures, in order of appearance.</summary>
    public IReadOnlyList<string> Figures => _figures;

    /// <summary>The values of a figure over the replications of a case; null where it was undefined.</summary>
    public IReadOnlyList<double?> Values(string figure, params IReadOnlyList<string> of) =>
        _cases.TryGetValue(Name(of), out Case? found) && found.Values.TryGetValue(figure, out List<double?>? values)
            ? values
            : [];

    /// <summary>The mean of a figure over replications with its interval; null if it was never defined.</summary>
    public Estimate? Of(string figure, params IReadOnlyList<string> of) =>
        Estimate.Of(Values(figure, of), Confidence);

    /// <summary>A figure of one case less that of another, pair by pair.</summary>
    public Estimate? Difference(string figure, IReadOnlyList<string> of, IReadOnlyList<string> from)
    {
        (IReadOnlyList<double?> mine, IReadOnlyList<double?> others) = (Values(figure, of), Values(figure, from));
        Check.That(mine.Count == others.Count, $"pairs of {mine.Count} and {others.Count} replications of {figure}");
        return Estimate.Of(mine.Zip(others, (a, b) => a - b), Confidence);
    }

    /// <summary>
    /// The factor between a figure of one case and of another, pair by pair: the geometric mean's logarithm to base e;
    /// null where a value is not above 0.
    /// </summary>
    public Estimate? LogRatio(string figure, IReadOnlyList<string> of, IReadOnlyList<string> from)
    {
        (IReadOnlyList<double?> mine, IReadOnlyList<double?> others) = (Values(figure, of), Values(figure, from));
        Check.That(mine.Count == others.Count, $"pairs of {mine.Count} and {others.Count} replications of {figure}");
        return Estimate.Of(
            mine.Zip(others, (a, b) => a > 0 && b > 0 ? Math.Log(a.Value / b.Value) : (double?)null), Confidence);
    }

    /// <summary>Writes one row a case and figure, and closes the stream.</summary>
    public void Write(Stream stream)
    {
        using CsvWriter csv = CsvFields.Open(stream, [.. keys, "figure", "runs", "mean", "half_width"]);
        foreach (Case one in _cases.Values)
        {
            foreach ((string figure, List<double?> values) in one.Values)
            {
                Estimate? estimate = Estimate.Of(values, Confidence);
                foreach (string key in one.Keys)
                {
                    csv.WriteField(key);
                }

                csv.WriteField(figure);
                csv.WriteField((estimate?.Runs ?? 0).ToString(CultureInfo.InvariantCulture));
                CsvFields.Shortest(csv, estimate?.Mean);
                CsvFields.Shortest(csv, estimate?.HalfWidth);
                csv.EndRecord();
            }
        }
    }

    /// <summary>Adds a figure of the next replication of a case.</summary>
    internal void Add(string figure, double? value, params IReadOnlyList<string> of)
    {
        Check.That(of.Count == keys.Length, $"{of.Count} keys in a table of {keys.Length}");
        if (!_cases.TryGetValue(Name(of), out Case? found))
        {
            found = new Case([.. of], []);
            _cases.Add(Name(of), found);
        }

        if (!found.Values.TryGetValue(figure, out List<double?>? values))
        {
            found.Values.Add(figure, values = []);
        }

        if (!_figures.Contains(figure))
        {
            _figures.Add(figure);
        }

        values.Add(value);
    }

    private static string Name(IReadOnlyList<string> of) => string.Join('\n', of);

    private sealed record Case(IReadOnlyList<string> Keys, OrderedDictionary<string, List<double?>> Values);
}
