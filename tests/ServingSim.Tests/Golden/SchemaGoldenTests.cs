using System.Text.Json.Nodes;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Golden;

/// <summary>The keys that editors offer at the top of a scenario.</summary>
public sealed class SchemaGoldenTests
{
    [Fact]
    public void The_top_level_keys_and_their_types_are_as_before()
    {
        using CommandRun cli = new();
        Assert.Equal((0, ""), (cli.Run("schema"), cli.Error));
        JsonNode schema = JsonNode.Parse(cli.Output)!["$defs"]!["scenario"]!;
        string[] required = [.. schema["required"]!.AsArray().Select(key => key!.GetValue<string>())];
        IEnumerable<string> keys = schema["properties"]!.AsObject().Select(p =>
            $"{p.Key}: {p.Value!["description"]}; "
            + (required.Contains(p.Key) ? "required" : $"default {p.Value["default"]?.ToJsonString() ?? "none"}"));
        GoldenFile.Check("schema-keys.txt", string.Join('\n', keys) + "\n");
    }
}
