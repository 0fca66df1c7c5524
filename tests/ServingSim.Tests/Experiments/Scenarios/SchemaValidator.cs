using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>Checks YAML, read as YAML 1.2 says, by the keywords of JSON Schema that scenarios need.</summary>
internal sealed class SchemaValidator(string schema)
{
    private readonly JsonObject _root = JsonNode.Parse(schema)!.AsObject();

    /// <summary>What is wrong with a text, the path first; null where nothing is.</summary>
    internal string? Problem(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Problem(_root, Json(stream.Documents[0].RootNode), "");
    }

    private string? Problem(JsonObject schema, JsonNode? value, string path) => schema
        .Select(keyword => Problem(keyword.Key, keyword.Value!, schema, value, path))
        .FirstOrDefault(problem => problem is not null);

    private string? Problem(string keyword, JsonNode of, JsonObject schema, JsonNode? value, string path) =>
        keyword switch
        {
            "$ref" => Problem(_root["$defs"]![of.GetValue<string>()["#/$defs/".Length..]]!.AsObject(), value, path),
            "type" => (of as JsonArray ?? [of.DeepClone()]).Any(t => IsOfType(t!.GetValue<string>(), value))
                ? null
                : $"{path}: no {of.ToJsonString()}",
            "const" => JsonNode.DeepEquals(of, value) ? null : $"{path}: not {of}",
            "enum" => of.AsArray().Any(e => JsonNode.DeepEquals(e, value)) ? null : $"{path}: not in {of}",
            "minProperties" => value is JsonObject counted && counted.Count < of.GetValue<int>()
                ? $"{path}: fewer than {of}"
                : null,
            "pattern" => value?.GetValueKind() != JsonValueKind.String
                || Regex.IsMatch(value.GetValue<string>(), of.GetValue<string>()) ? null : $"{path}: not like {of}",
            "anyOf" => of.AsArray().Any(s => Problem(s!.AsObject(), value, path) is null) ? null : $"{path}: none fits",
            "if" => Problem(
                schema[Problem(of.AsObject(), value, path) is null ? "then" : "else"]!.AsObject(), value, path),
            "items" => (value as JsonArray)?.Select((item, i) => Problem(of.AsObject(), item, $"{path}/{i}"))
                .FirstOrDefault(problem => problem is not null),
            "required" => of.AsArray().Select(key => key!.GetValue<string>())
                .Where(key => value is JsonObject mapping && !mapping.ContainsKey(key))
                .Select(key => $"{path}: no {key}")
                .FirstOrDefault(),
            "properties" => (value as JsonObject)?
                .Select(p => of[p.Key] is { } known ? Problem(known.AsObject(), p.Value, $"{path}/{p.Key}") : null)
                .FirstOrDefault(problem => problem is not null),
            "additionalProperties" => (value as JsonObject)?
                .Where(p => schema["properties"]?[p.Key] is null)
                .Select(p => of is JsonObject all
                    ? Problem(all, p.Value, $"{path}/{p.Key}")
                    : of.GetValue<bool>() ? null : $"{path}: unknown {p.Key}")
                .FirstOrDefault(problem => problem is not null),
            "then" or "else" or "$defs" or "$schema" or "title" or "description" or "default" or "examples" => null,
            _ => throw new NotSupportedException(keyword),
        };

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && double.IsInteger(value.GetValue<double>()),
        _ => throw new NotSupportedException(type),
    };

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(
            mapping.Select(e => KeyValuePair.Create(((YamlScalarNode)e.Key).Value!, Json(e.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var text } => Plain(text!),
        _ => ((YamlScalarNode)node).Value,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when Regex.IsMatch(text, @"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$") =>
            double.Parse(text, CultureInfo.InvariantCulture),
        _ => text,
    };
}
