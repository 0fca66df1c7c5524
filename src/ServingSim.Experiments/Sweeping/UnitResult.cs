using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Sweeping;

/// <summary>What one run of a sweep gave.</summary>
/// <param name="Version">The program that ran it.</param>
/// <param name="Unit">The SHA-256 of all that decides the result.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="QueueGrows">Whether the queue grew as long as requests arrived.</param>
/// <param name="Figures">The figures of the run.</param>
public sealed record UnitResult(string Version, string Unit, long Seed, bool QueueGrows, RunFigures Figures)
{
    private const int Schema = 1;

    /// <summary>The result as text: a line of JSON, and one with the hash of the first.</summary>
    public string ToText()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            json.WriteString("version", Version);
            json.WriteString("unit", Unit);
            json.WriteNumber("seed", Seed);
            json.WriteBoolean("queue_grows", QueueGrows);
            json.WriteStartObject("figures");
            foreach (string name in Figures.Names)
            {
                json.WritePropertyName(name);
                if (Figures[name] is { } value)
                {
                    json.WriteNumberValue(value);
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return $"{Encoding.UTF8.GetString(bytes.WrittenSpan)}\n{SealOf(bytes.WrittenSpan)}\n";
    }

    /// <summary>The result that a file holds; null of a damaged one: cut short, or changed.</summary>
    public static UnitResult? Parse(ReadOnlySpan<byte> file)
    {
        int end = file.IndexOf((byte)'\n');
        if (end < 0 || !file[(end + 1)..].SequenceEqual(Encoding.UTF8.GetBytes(SealOf(file[..end]) + "\n")))
        {
            return null;
        }

        // What carries its own hash is what some version of this program wrote
        using JsonDocument json = JsonDocument.Parse(file[..end].ToArray());
        JsonElement root = json.RootElement;
        return new UnitResult(
            root.GetProperty("version").GetString()!,
            root.GetProperty("unit").GetString()!,
            root.GetProperty("seed").GetInt64(),
            root.GetProperty("queue_grows").GetBoolean(),
            RunFigures.Of(root.GetProperty("figures").EnumerateObject().Select(f => KeyValuePair.Create(
                f.Name, f.Value.ValueKind == JsonValueKind.Null ? (double?)null : f.Value.GetDouble()))));
    }

    private static string SealOf(ReadOnlySpan<byte> line) =>
        $$"""{"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(line))}}"}""";
}
