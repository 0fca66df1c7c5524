using System.Globalization;
using System.Text.RegularExpressions;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Fills the values of a row in where a case names its columns: <c>${column}</c> and products.</summary>
/// <param name="row">The row; null where there is none, and then no column may be named.</param>
/// <param name="names">What stands for values of columns in place of themselves.</param>
/// <param name="errors">Receives what is wrong.</param>
internal sealed partial class RowTemplate(
    MeasuredRow? row, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> names, ErrorList errors)
{
    /// <summary>Whether a text names a column.</summary>
    public static bool IsTemplate(string text) => Place().IsMatch(text);

    /// <summary>The tree with the row's values in it.</summary>
    public ConfigNode Fill(ConfigNode node) => node.Kind switch
    {
        ConfigKind.Scalar when IsTemplate(node.Text) =>
            ConfigNode.Scalar(node.Origin, Fill(node.Text, node.Origin), isQuoted: false),
        ConfigKind.List => ConfigNode.List(node.Origin, [.. node.Items.Select(Fill)]),
        ConfigKind.Mapping => ConfigNode.Mapping(
            node.Origin, [.. node.Entries.Select(e => e with { Value = Fill(e.Value) })]),
        _ => node,
    };

    /// <summary>The text with the row's values in it.</summary>
    /// <param name="text">The text as written.</param>
    /// <param name="origin">Where, for errors.</param>
    public string Fill(string text, ConfigOrigin origin) =>
        Place().Replace(text, match => ValueOf(match.Groups[1].Value.Trim(), origin));

    private string ValueOf(string expression, ConfigOrigin origin)
    {
        Match floor = Floor().Match(expression);
        string product = floor.Success ? floor.Groups[1].Value : expression;
        string[] factors = product.Split('*', StringSplitOptions.TrimEntries);
        if (factors.Length == 1 && !floor.Success)
        {
            return TextOf(factors[0], origin);
        }

        double value = 1;
        foreach (string factor in factors)
        {
            string text = ScalarText.TryNumber(factor, out _) ? factor : TextOf(factor, origin);
            if (!ScalarText.TryNumber(text, out double number))
            {
                errors.Add(origin, "", $"{Names.Quote(factor)} is {Names.Quote(text)}, expected a number");
                return "0";
            }

            value *= number;
        }

        return Shortest(floor.Success ? Math.Floor(value) : value);
    }

    private string TextOf(string column, ConfigOrigin origin)
    {
        string? value = row?[column];
        if (value is null)
        {
            errors.Add(origin, "", row is null
                ? $"found ${{{column}}}, but there are no rows to take it from"
                : $"{row.Table.File} has no column {Names.Quote(column)}{Names.Known(column, [.. row.Table.Columns])}");
            return "";
        }

        if (names.TryGetValue(column, out IReadOnlyDictionary<string, string>? known))
        {
            if (known.TryGetValue(value, out string? name))
            {
                return name;
            }

            string hint = Names.Known(value, [.. known.Keys]);
            errors.Add(origin, "", $"rows.names has nothing for {column} {Names.Quote(value)}{hint}");
            return value;
        }

        // Tables write whole numbers as 4.0 too
        return ScalarText.TryNumber(value, out double number) ? Shortest(number) : value;
    }

    private static string Shortest(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\$\{([^{}]*)\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"^floor\((.*)\)$")]
    private static partial Regex Floor();
}
