using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Which rows of a table are cases.</summary>
internal static class RowFilter
{
    private const string Min = "min";
    private const string Max = "max";

    /// <summary>The rows for which all conditions hold; adds an error if there is none.</summary>
    public static IReadOnlyList<MeasuredRow> Apply(
        MeasuredTable table, IReadOnlyDictionary<string, ConfigNode> where, ConfigOrigin origin, ErrorList errors)
    {
        bool isFine = true;
        foreach ((string column, ConfigNode condition) in where)
        {
            string? problem = table.Find(column) is null
                ? $"{table.File} has no column {Names.Quote(column)}{Names.Known(column, [.. table.Columns])}"
                : ProblemOf(condition);
            if (problem is not null)
            {
                errors.Add(condition.Origin, $"where.{column}", problem);
                isFine = false;
            }
        }

        MeasuredRow[] rows = isFine
            ? [.. table.Rows.Where(row => where.All(w => Holds(row[w.Key]!, w.Value)))]
            : [];
        if (isFine && rows.Length == 0)
        {
            errors.Add(origin, "rows", $"none of the {table.Rows.Count} rows of {table.File} matches");
        }

        return rows;
    }

    private static string? ProblemOf(ConfigNode condition) => condition.Kind switch
    {
        ConfigKind.Scalar or ConfigKind.Null => null,
        ConfigKind.List when condition.Items.All(i => i.Kind is ConfigKind.Scalar or ConfigKind.Null) => null,
        ConfigKind.Mapping when condition.Entries.Count > 0
            && condition.Entries.All(e => e.Key is Min or Max && ScalarText.TryNumber(e.Value.Text, out _)) => null,
        _ => $"found {condition.Found()}, expected a value, a list of values, or a mapping with numbers {Min}, {Max}",
    };

    private static bool Holds(string value, ConfigNode condition)
    {
        if (condition.Kind == ConfigKind.List)
        {
            return condition.Items.Any(item => IsSame(value, item));
        }

        return condition.Kind == ConfigKind.Mapping
            ? ScalarText.TryNumber(value, out double number)
                && condition.Entries.All(e => e.Key == Min ? number >= Limit(e.Value) : number <= Limit(e.Value))
            : IsSame(value, condition);
    }

    // 4 and 4.0 are the same; nothing is an empty field
    private static bool IsSame(string value, ConfigNode wanted) =>
        value == wanted.Text
        || (ScalarText.TryNumber(value, out double number) && ScalarText.TryNumber(wanted.Text, out double other)
            && number == other);

    private static double Limit(ConfigNode node) => ScalarText.TryNumber(node.Text, out double limit) ? limit : 0;
}
