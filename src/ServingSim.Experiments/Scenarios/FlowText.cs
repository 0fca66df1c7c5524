namespace ServingSim.Experiments.Scenarios;

/// <summary>A value as the user wrote it, in one line of YAML.</summary>
internal static class FlowText
{
    /// <summary>The text; that of a scalar is the scalar itself, without quotes.</summary>
    public static string Of(ConfigNode node) => node.Kind == ConfigKind.Scalar ? node.Text : Inner(node);

    private static string Inner(ConfigNode node) => node.Kind switch
    {
        ConfigKind.Null => "~",
        ConfigKind.List => $"[{string.Join(", ", node.Items.Select(Inner))}]",
        ConfigKind.Mapping => $"{{{string.Join(", ", node.Entries.Select(e => $"{e.Key}: {Inner(e.Value)}"))}}}",
        _ when node.IsQuoted => $"'{node.Text.Replace("'", "''")}'",
        _ => node.Text,
    };
}
