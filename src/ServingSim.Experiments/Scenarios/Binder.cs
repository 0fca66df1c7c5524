using System.Reflection;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Turns what the user wrote into records, by the types of their constructors' parameters. Every error is collected;
/// a value that has one comes back as null, and so does whatever holds it.
/// </summary>
internal sealed class Binder(ICatalog catalog, ErrorList errors)
{
    private readonly Dictionary<Type, RecordSchema> _schemas = [];
    private readonly Dictionary<(Type Record, string File), object?> _files = [];
    private readonly List<string> _open = [];

    /// <summary>A bound value, which may itself be null.</summary>
    private readonly record struct Bound(object? Value);

    /// <summary>The record that a mapping says; null where it says none.</summary>
    public object? BindRecord(Type type, ConfigNode node) =>
        BindRecord(type, new Place(node, node.Origin, ""), part: null)?.Value;

    private Bound? Bind(Type type, bool isNullable, Place place)
    {
        if (type == typeof(ConfigNode))
        {
            return new Bound(place.Node);
        }

        if (place.Node.Kind == ConfigKind.Null)
        {
            return isNullable ? new Bound(null) : Fail(place, type);
        }

        if (TypeText.Item(type, typeof(IReadOnlyList<>)) is { } item)
        {
            return BindList(type, item, place);
        }

        if (TypeText.Item(type, typeof(IReadOnlyDictionary<,>)) is { } value)
        {
            return BindMap(type, value, place);
        }

        if (TypeText.Item(type, typeof(NamedFile<>)) is { } record)
        {
            return BindFile(type, record, place);
        }

        if (TypeText.Item(type, typeof(PartChoice<,>)) is not null)
        {
            return BindPart(type, place);
        }

        if (type == typeof(LatencyChoice))
        {
            return BindLatency(place);
        }

        bool isScalar = type.IsPrimitive || type.IsValueType || type == typeof(string);
        return isScalar ? BindScalar(type, place) : BindRecord(type, place, part: null);
    }

    private Bound? BindScalar(Type type, Place place)
    {
        string text = place.Node.Text;
        if (place.Node.Kind != ConfigKind.Scalar)
        {
            return Fail(place, type);
        }

        if (type == typeof(string))
        {
            return new Bound(text);
        }

        if (type == typeof(FilePath))
        {
            string? path = Paths.Resolve(place.Node.Origin.Folder, text);
            return path is null ? Fail(place, type) : new Bound(new FilePath(path, text));
        }

        if (type.IsEnum)
        {
            return BindEnum(type, place);
        }

        if (place.Node.IsQuoted)
        {
            return Fail(place, type);
        }

        if (type == typeof(SimTime))
        {
            string? expected = Duration.TryParse(text, out SimTime duration);
            return expected is null ? new Bound(duration) : Fail(place, expected);
        }

        if (type == typeof(bool))
        {
            return text is "true" or "false" ? new Bound(text == "true") : Fail(place, type);
        }

        if (type == typeof(double))
        {
            return ScalarText.TryNumber(text, out double number) ? new Bound(number) : Fail(place, type);
        }

        Check.That(type == typeof(int) || type == typeof(long), $"{type} cannot be read from a scenario");
        return BindWhole(type, place);
    }

    private Bound? BindWhole(Type type, Place place)
    {
        string text = place.Node.Text;
        (long least, long most) = type == typeof(int) ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (ScalarText.TryWhole(text, out long whole) && whole >= least && whole <= most)
        {
            return type == typeof(int) ? new Bound((int)whole) : new Bound(whole);
        }

        return ScalarText.IsWholeOfAnySize(text)
            ? Fail(place, $"a whole number from {least} to {most}")
            : Fail(place, type);
    }

    private Bound? BindEnum(Type type, Place place)
    {
        IReadOnlyList<string> names = TypeText.EnumNames(type);
        string name = place.Node.Text.Replace('_', '-');
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return new Bound(Enum.Parse(type, Enum.GetNames(type)[i]));
            }
        }

        return Fail(place, type);
    }

    private Bound? BindList(Type type, Type item, Place place)
    {
        if (place.Node.Kind != ConfigKind.List)
        {
            return Fail(place, type);
        }

        return All(place.Node.Items.Select((_, i) => BindItem(item, place.Item(i)))) is { } items
            ? new Bound(Activator.CreateInstance(typeof(ValueList<>).MakeGenericType(item), items))
            : null;
    }

    private Bound? BindMap(Type type, Type value, Place place)
    {
        if (place.Node.Kind != ConfigKind.Mapping)
        {
            return Fail(place, type);
        }

        IReadOnlyList<ConfigEntry> entries = place.Node.Entries;
        return All(entries.Select(e => BindItem(value, place.Of(e)))) is { } values
            ? new Bound(Activator.CreateInstance(
                typeof(OrderedMap<>).MakeGenericType(value),
                entries.Zip(values, (e, v) => KeyValuePair.Create(e.Key, v))))
            : null;
    }

    private Bound? BindItem(Type type, Place place) => Nullable.GetUnderlyingType(type) is { } valueType
        ? Bind(valueType, isNullable: true, place)
        : Bind(type, isNullable: false, place);

    /// <summary>The values, all of them tried; null where one has an error.</summary>
    private static List<object?>? All(IEnumerable<Bound?> bound)
    {
        Bound?[] all = [.. bound];
        return Array.TrueForAll(all, b => b.HasValue) ? [.. all.Select(b => b!.Value.Value)] : null;
    }

    private Bound? BindPart(Type type, Place place)
    {
        IPartKind kind = TypeText.PartKind(type, catalog);
        ConfigEntry? name = place.Node.Kind == ConfigKind.Mapping
            ? place.Node.Entries.FirstOrDefault(e => e.Key == ConfigNode.PartNameKey)
            : new ConfigEntry(ConfigNode.PartNameKey, place.At, place.Node);
        if (name is null)
        {
            return Missing(ConfigNode.PartNameKey, type, place);
        }

        if (name.Value.Kind != ConfigKind.Scalar)
        {
            return Fail(place with { Node = name.Value }, type);
        }

        IPart? part = kind.Parts.FirstOrDefault(p => p.Name == name.Value.Text);
        if (part is null)
        {
            string known = Names.Known(name.Value.Text, [.. kind.Parts.Select(p => p.Name)]);
            errors.Add(name.Origin, place.Path, $"no {kind.Name} is named {Names.Quote(name.Value.Text)}{known}");
            return null;
        }

        ConfigNode options = ConfigNode.Mapping(
            place.Node.Origin, [.. place.Node.Entries.Where(e => e.Key != ConfigNode.PartNameKey)]);
        return BindRecord(part.OptionsType ?? typeof(NoOptions), place with { Node = options }, part.Name) is { } bound
            ? new Bound(part.Choose(part.OptionsType is null ? null : bound.Value))
            : null;
    }

    private Bound? BindLatency(Place place)
    {
        IPartKind kind = TypeText.PartKind(typeof(PartChoice<ILatencyModel, LatencyContext>), catalog);
        string[] parts = [.. kind.Parts.Select(p => p.Name)];
        if (place.Node.Kind != ConfigKind.Scalar || parts.Contains(place.Node.Text))
        {
            return BindPart(kind.ChoiceType, place) is { } part
                ? new Bound(new LatencyChoice((PartChoice<ILatencyModel, LatencyContext>)part.Value!))
                : null;
        }

        return BindFile(typeof(NamedFile<LatencyFile>), typeof(LatencyFile), place, parts)?.Value
            is NamedFile<LatencyFile> file
            ? new Bound(new LatencyChoice(file.Value.Latency, file))
            : null;
    }

    /// <param name="type">The <see cref="NamedFile{T}"/>.</param>
    /// <param name="record">What the file holds.</param>
    /// <param name="place">Where the name or path stands.</param>
    /// <param name="others">Names that could stand there beside those of files.</param>
    private Bound? BindFile(Type type, Type record, Place place, params string[] others)
    {
        FileKind kind = TypeText.FileKind(record, catalog);
        string text = place.Node.Text;
        if (place.Node.Kind != ConfigKind.Scalar)
        {
            return Fail(place, type);
        }

        string? named = ConfigFiles(kind).FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == text);
        string? path = named ?? Paths.Resolve(place.Node.Origin.Folder, text);
        if (!File.Exists(path))
        {
            string?[] known = [.. others, .. ConfigFiles(kind).Select(Path.GetFileNameWithoutExtension).Distinct()];
            string end = Names.Known(text, known!);
            errors.Add(place.At, place.Path, others.Length == 0
                ? $"found {place.Node.Found()}, expected {TypeText.Of(type, catalog)}{end}"
                : $"no {kind.Folder} model is named {Names.Quote(text)}{end}, or a path to a file that holds one");
            return null;
        }

        if (_open.Contains(path))
        {
            return Fail(place, "a file that does not name itself");
        }

        if (!_files.TryGetValue((record, path), out object? value))
        {
            _open.Add(path);
            ConfigNode? root = new ConfigLoader(errors).Load(path, place.At);
            ConfigNode? own = root is null || kind.Translate is null ? root : kind.Translate(root, errors);
            value = own is null ? null : BindRecord(record, own);
            _files[(record, path)] = value;
            _open.RemoveAt(_open.Count - 1);
        }

        FilePath? file = named is null ? new FilePath(path, text) : null;
        return value is null
            ? null
            : new Bound(Activator.CreateInstance(type, Path.GetFileNameWithoutExtension(path), file, value));
    }

    private IEnumerable<string> ConfigFiles(FileKind kind) =>
        from root in catalog.ConfigFolders
        let folder = Path.Combine(root, kind.Folder)
        where Directory.Exists(folder)
        from file in Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
        select file;

    private Bound? BindRecord(Type type, Place place, string? part)
    {
        if (place.Node.Kind != ConfigKind.Mapping)
        {
            return Fail(place, type);
        }

        RecordSchema schema = SchemaOf(type);
        var entries = place.Node.Entries.ToDictionary(e => e.Key);
        bool areKnown = CheckKeys(schema, place, part);
        var bound = schema.Options.Select(o => BindOption(o, place, entries.GetValueOrDefault(o.Name)));
        object?[]? values = All(bound)?.ToArray();
        if (values is null || !areKnown)
        {
            return null;
        }

        List<(string? Parameter, string Problem)> problems;
        object? record = null;
        try
        {
            record = schema.Constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values, null);
            record = (record as ICompleted)?.Completed(section => DefaultOf(section, place)) ?? record;
            problems = [.. (record as IValidated)?.Problems() ?? []];
        }
        catch (ArgumentException e) when (e.ParamName is not null)
        {
            string problem = e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            problems = [(e.ParamName, problem)];
        }

        foreach ((string? parameter, string problem) in problems)
        {
            Place blamed = parameter is null ? place
                : place.Blamed(parameter.Contains('.') ? parameter : Names.Snake(parameter));
            errors.Add(blamed.At, blamed.Path, problem);
        }

        return problems.Count == 0 ? new Bound(record) : null;
    }

    private bool CheckKeys(RecordSchema schema, Place place, string? part)
    {
        string[] known = [.. schema.Options.Select(o => o.Name)];
        bool areKnown = true;
        foreach (ConfigEntry entry in place.Node.Entries.Where(e => !known.Contains(e.Key)))
        {
            string problem = part is null ? "unknown key " : $"'{part}' has no option ";
            string path = part is null ? place.Path : place.PathOf(entry.Key);
            errors.Add(entry.Origin, path, problem + Names.Quote(entry.Key) + Names.Known(entry.Key, known));
            areKnown = false;
        }

        return areKnown;
    }

    private Bound? BindOption(RecordSchema.Option option, Place place, ConfigEntry? entry)
    {
        if (entry is not null)
        {
            return Bind(option.Type, option.IsNullable, place.Of(entry));
        }

        if (option.IsRequired)
        {
            return Missing(option.Name, option.Type, place);
        }

        return option.DefaultText is null
            ? new Bound(option.Default)
            : YamlReader.Read(option.DefaultText, place.At with { Line = 0 }, errors) is { } node
                ? Bind(option.Type, option.IsNullable, new Place(node, place.At, place.PathOf(option.Name)))
                : null;
    }

    private object? DefaultOf(Type section, Place place) =>
        BindRecord(section, place with { Node = ConfigNode.Mapping(place.Node.Origin, []) }, part: null)?.Value;

    private RecordSchema SchemaOf(Type type)
    {
        if (!_schemas.TryGetValue(type, out RecordSchema? schema))
        {
            schema = RecordSchema.Of(type);
            _schemas.Add(type, schema);
        }

        return schema;
    }

    private Bound? Missing(string key, Type expected, Place place)
    {
        errors.Add(place.At, place.PathOf(key), "missing, expected " + TypeText.Of(expected, catalog));
        return null;
    }

    private Bound? Fail(Place place, Type expected) => Fail(place, TypeText.Of(expected, catalog));

    private Bound? Fail(Place place, string expected)
    {
        errors.Add(place.At, place.Path, $"found {place.Node.Found()}, expected {expected}");
        return null;
    }

    /// <summary>The options of a part that takes none.</summary>
    private sealed record NoOptions;
}
