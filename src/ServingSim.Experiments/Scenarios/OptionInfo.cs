namespace ServingSim.Experiments.Scenarios;

/// <summary>One option of a part, or one key of a record, for lists and documentation.</summary>
/// <param name="Name">The key in YAML.</param>
/// <param name="Type">What its value looks like, in words.</param>
/// <param name="Default">What stands where the key is not given, as in YAML; null where it must be given.</param>
public sealed record OptionInfo(string Name, string Type, string? Default)
{
    /// <summary>The options that a record's constructor declares, in its order; none for null.</summary>
    public static IReadOnlyList<OptionInfo> Of(Type? optionsType, ICatalog catalog) => optionsType is null
        ? []
        :
        [
            .. RecordSchema.Of(optionsType).Options.Select(o => new OptionInfo(
                o.Name,
                TypeText.Of(o.Type, catalog) + (o.IsNullable ? ", or ~" : ""),
                o.IsRequired ? null : o.DefaultText ?? ScalarText.Format(o.Default))),
        ];
}
