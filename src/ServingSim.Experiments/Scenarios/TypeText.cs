using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Types in the user's words.</summary>
internal static class TypeText
{
    /// <summary>What a value of a type looks like, as in "expected a whole number".</summary>
    public static string Of(Type type, ICatalog catalog)
    {
        if (type == typeof(int) || type == typeof(long))
        {
            return "a whole number";
        }

        if (Item(type, typeof(IReadOnlyList<>)) is { } item)
        {
            return "a list, each item " + Of(item, catalog);
        }

        if (Item(type, typeof(IReadOnlyDictionary<,>)) is { } value)
        {
            return "a mapping of names, each value " + Of(value, catalog);
        }

        if (Item(type, typeof(NamedFile<>)) is { } record)
        {
            return $"a name in configs/{FileKind(record, catalog).Folder} or a path";
        }

        if (Item(type, typeof(PartChoice<,>)) is not null)
        {
            return "one of " + string.Join(", ", PartKind(type, catalog).Parts.Select(p => p.Name));
        }

        if (type == typeof(LatencyChoice))
        {
            return Of(typeof(PartChoice<ILatencyModel, LatencyContext>), catalog)
                + ", or " + Of(typeof(NamedFile<LatencyFile>), catalog);
        }

        return type == typeof(bool) ? "true or false"
            : type == typeof(double) ? "a number"
            : type == typeof(string) ? "text"
            : type == typeof(SimTime) ? Duration.Expected
            : type == typeof(FilePath) ? "a path"
            : type == typeof(ConfigNode) ? "any value"
            : type.IsEnum ? "one of " + string.Join(", ", EnumNames(type))
            : "a mapping with " + string.Join(", ", RecordSchema.Of(type).Options.Select(o => o.Name));
    }

    /// <summary>The last type argument of a generic type of this definition; null for any other type.</summary>
    public static Type? Item(Type type, Type definition) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type.GenericTypeArguments[^1] : null;

    public static IReadOnlyList<string> EnumNames(Type type) => [.. Enum.GetNames(type).Select(Names.Kebab)];

    public static IPartKind PartKind(Type choiceType, ICatalog catalog)
    {
        IPartKind? kind = catalog.PartKinds.FirstOrDefault(k => k.ChoiceType == choiceType);
        Check.That(kind is not null, $"the catalog has no parts for {choiceType}");
        return kind;
    }

    public static FileKind FileKind(Type recordType, ICatalog catalog)
    {
        FileKind? kind = catalog.FileKinds.FirstOrDefault(k => k.RecordType == recordType);
        Check.That(kind is not null, $"the catalog has no folder for files of {recordType}");
        return kind;
    }
}
