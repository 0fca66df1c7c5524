using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// The JSON Schema of scenarios, sweeps and plans, with which editors complete and check them. It is made of the same
/// records that files are read into, and refuses nothing that they accept; of ranges but those that attributes tell,
/// and of quotes around text, it knows nothing.
/// </summary>
public sealed class ScenarioSchema
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Catalog _catalog;
    private readonly Type _root;
    private readonly JsonObject _definitions = [];
    private readonly Dictionary<string, Type> _defined = [];

    private ScenarioSchema(Catalog catalog, Type root) => (_catalog, _root) = (catalog, root);

    /// <summary>The schema, as JSON, of files that name the parts and files of a catalog.</summary>
    /// <param name="catalog">The parts and files.</param>
    /// <param name="root">The record that a file says; null for a scenario.</param>
    public static string Write(Catalog catalog, Type? root = null) =>
        new ScenarioSchema(catalog, root ?? typeof(Scenario)).Root().ToJsonString(Layout) + "\n";

    private JsonObject Root() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "A ServingSim " + Names.Kebab(_root.Name),
        ["if"] = new JsonObject { ["required"] = new JsonArray(ConfigLoader.IncludeKey) },
        ["then"] = RecordReference(_root, isLayer: true),
        ["else"] = RecordReference(_root, isLayer: false),
        ["$defs"] = _definitions,
    };

    /// <summary>A value in a file, or in a layer: a file that need not be whole, for it lies over others.</summary>
    private JsonObject Value(Type type, bool isNullable, bool isLayer)
    {
        JsonObject value = Value(type, isLayer);
        return isNullable ? AnyOf(value, OfType("null")) : value;
    }

    private JsonObject Value(Type type, bool isLayer)
    {
        if (TypeText.Item(type, typeof(IReadOnlyList<>)) is { } item)
        {
            // A list replaces the one that it lies over, so its items are whole
            return OfType("array", ("items", Item(item, isLayer: false)));
        }

        if (TypeText.Item(type, typeof(IReadOnlyDictionary<,>)) is { } value)
        {
            return OfType("object", ("additionalProperties", Item(value, isLayer)));
        }

        if (TypeText.Item(type, typeof(NamedFile<>)) is { } record)
        {
            // No boolean: editors would offer true and false among the names
            JsonObject name = OfTypes("string", "number");
            name["examples"] = Strings(_catalog.FilesIn(TypeText.FileKind(record, _catalog).Folder));
            return name;
        }

        if (TypeText.Item(type, typeof(PartChoice<,>)) is not null)
        {
            IPartKind kind = TypeText.PartKind(type, _catalog);
            return Reference(kind.Name.Replace(' ', '-'), type, isLayer, () => Part(kind, isLayer));
        }

        if (type == typeof(LatencyChoice))
        {
            return AnyOf(
                Value(typeof(PartChoice<ILatencyModel, LatencyContext>), isLayer),
                Value(typeof(NamedFile<LatencyFile>), isLayer));
        }

        if (type == typeof(ConfigNode))
        {
            return [];
        }

        bool isScalar = type.IsPrimitive || type.IsValueType || type == typeof(string);
        return isScalar ? Scalar(type) : RecordReference(type, isLayer);
    }

    private JsonObject Item(Type type, bool isLayer) => Nullable.GetUnderlyingType(type) is { } valueType
        ? Value(valueType, isNullable: true, isLayer)
        : Value(type, isLayer);

    private static JsonObject Scalar(Type type)
    {
        if (type.IsEnum)
        {
            IReadOnlyList<string> names = TypeText.EnumNames(type);
            IEnumerable<string> written = names.Concat(names.Select(n => n.Replace('-', '_'))).Distinct();
            return new JsonObject { ["enum"] = Strings(written) };
        }

        bool isWhole = type == typeof(int) || type == typeof(long);
        return isWhole ? OfType("integer")
            : type == typeof(double) ? OfType("number")
            : type == typeof(bool) ? OfType("boolean")
            : type == typeof(SimTime) ? OfType("string", ("pattern", Duration.Pattern))
            : Text();
    }

    /// <summary>Text, which needs no quotes even where it reads as a number.</summary>
    private static JsonObject Text() => OfTypes("string", "number", "boolean");

    private JsonObject Part(IPartKind kind, bool isLayer)
    {
        string[] plain =
        [
            .. kind.Parts.Where(p => !Options(p.OptionsType).Any(o => o.IsRequired)).Select(p => p.Name),
        ];
        IEnumerable<JsonObject> mappings = kind.Parts.Select(p => Part(p, isLayer));
        return plain.Length == 0
            ? AnyOf([.. mappings])
            : AnyOf([new JsonObject { ["enum"] = Strings(plain) }, .. mappings]);
    }

    private JsonObject Part(IPart part, bool isLayer)
    {
        var name = new JsonObject { ["const"] = part.Name, ["description"] = part.Summary };
        JsonObject mapping = Mapping(part.OptionsType, isLayer, (ConfigNode.PartNameKey, name));
        mapping["title"] = part.Name;
        mapping["description"] = part.Summary;
        if (!isLayer)
        {
            ((JsonArray)mapping["required"]!).Insert(0, ConfigNode.PartNameKey);
        }

        return mapping;
    }

    private JsonObject RecordReference(Type type, bool isLayer) =>
        Reference(Names.Kebab(type.Name), type, isLayer, () => type == _root
            ? Mapping(type, isLayer, (ConfigLoader.IncludeKey, Include()))
            : Mapping(type, isLayer));

    private static JsonObject Include()
    {
        JsonObject include = OfType("array", ("items", Text()));
        include["description"] = "paths of files that this one is laid over, a later one over an earlier one";
        return include;
    }

    private JsonObject Mapping(Type? type, bool isLayer, params (string Key, JsonObject Value)[] before)
    {
        var properties = new JsonObject(before.Select(b => KeyValuePair.Create(b.Key, (JsonNode?)b.Value)));
        var required = new JsonArray();
        foreach ((RecordSchema.Option option, OptionInfo info) in Options(type).Zip(OptionInfo.Of(type, _catalog)))
        {
            JsonObject value = Value(option.Type, option.IsNullable, isLayer);
            Limit(value, option.Property, isLayer);
            value["description"] = info.Type;
            if (info.Default is not (null or "~"))
            {
                value["default"] = Default(info.Default);
            }

            properties[option.Name] = value;
            if (option.IsRequired && !isLayer)
            {
                required.Add(option.Name);
            }
        }

        return OfType(
            "object", ("properties", properties), ("required", required), ("additionalProperties", false));
    }

    private static void Limit(JsonObject value, PropertyInfo property, bool isLayer)
    {
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { Values: [int only] })
        {
            value["const"] = only;
        }

        // A layer may leave to those below it what it does not say
        if (!isLayer && property.GetCustomAttribute<MinLengthAttribute>() is { } least)
        {
            value["minProperties"] = least.Length;
        }
    }

    private static IReadOnlyList<RecordSchema.Option> Options(Type? type) =>
        type is null ? [] : RecordSchema.Of(type).Options;

    private static JsonNode? Default(string yaml)
    {
        var errors = new ErrorList();
        ConfigNode? node = YamlReader.Read(yaml, new ConfigOrigin(yaml, "", 0, 0), errors);
        errors.ThrowIfAny();
        return Json(node!);
    }

    private static JsonNode? Json(ConfigNode node) => node.Kind switch
    {
        ConfigKind.Null => null,
        ConfigKind.List => new JsonArray([.. node.Items.Select(Json)]),
        ConfigKind.Mapping => new JsonObject(node.Entries.Select(e => KeyValuePair.Create(e.Key, Json(e.Value)))),
        _ when node.IsQuoted => node.Text,
        _ when node.Text is "true" or "false" => node.Text == "true",
        _ when ScalarText.TryWhole(node.Text, out long whole) => whole,
        _ when ScalarText.TryNumber(node.Text, out double number) => number,
        _ => node.Text,
    };

    /// <summary>Refers to a definition, which is made where it is missing; it may refer to itself.</summary>
    private JsonObject Reference(string name, Type type, bool isLayer, Func<JsonObject> make)
    {
        bool isItsName = _defined.TryAdd(name, type) || _defined[name] == type;
        string key = (isItsName ? name : type.ToString()) + (isLayer ? "-layer" : "");
        if (_definitions.TryAdd(key, null))
        {
            _definitions[key] = make();
        }

        return new JsonObject { ["$ref"] = "#/$defs/" + key };
    }

    private static JsonObject AnyOf(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray(schemas) };

    private static JsonObject OfType(string type, params (string Keyword, JsonNode Value)[] more) =>
        new(more.Select(m => KeyValuePair.Create(m.Keyword, (JsonNode?)m.Value)).Prepend(new("type", type)));

    private static JsonObject OfTypes(params string[] types) => new() { ["type"] = Strings(types) };

    private static JsonArray Strings(IEnumerable<string> names) => new([.. names.Select(n => (JsonNode)n)]);
}
