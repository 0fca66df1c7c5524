using System.IO.Compression;
using System.Text.Json;

namespace ServingSim.Tests.Oracle;

/// <summary>Reads the recorded runs of vLLM's scheduler.</summary>
internal static class EngineLog
{
    /// <summary>All synchronous cases of the files whose names begin so, in order of name.</summary>
    public static IEnumerable<EngineLogCase> ReadAll(string folder, string prefix) => Directory
        .EnumerateFiles(folder, prefix + "*.json.gz")
        .Where(path => !path.Contains("_async", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .SelectMany(Read);

    /// <summary>The cases of one file.</summary>
    public static IReadOnlyList<EngineLogCase> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using GZipStream unzipped = new(file, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(unzipped);
        string name = Path.GetFileName(path);
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(json => ReadCase(name, json))];
    }

    private static EngineLogCase ReadCase(string file, JsonElement json)
    {
        JsonElement summary = json.GetProperty("summary");
        return new(
            file,
            Int(json, "id"),
            json.GetProperty("big").GetBoolean(),
            ReadConfig(json.GetProperty("config")),
            [.. json.GetProperty("requests").EnumerateArray().Select(ReadRequest)],
            [.. json.GetProperty("steps").EnumerateArray().Select(ReadStep)],
            Ints(json, "final_free_queue") ?? [],
            new(Int(summary, "n_steps"), Int(summary, "preemptions"), Int(summary, "hit_tokens")))
        {
            Outputs = Ints(json, "outputs") ?? [],
        };
    }

    private static EngineLogConfig ReadConfig(JsonElement json) => new(
        Int(json, "num_gpu_blocks"),
        Int(json, "block_size"),
        Int(json, "max_num_batched_tokens"),
        Int(json, "max_num_seqs"),
        Int(json, "max_model_len"),
        Int(json, "long_prefill_token_threshold"),
        json.GetProperty("enable_chunked_prefill").GetBoolean(),
        json.GetProperty("enable_prefix_caching").GetBoolean(),
        json.GetProperty("policy").GetString()!,
        Find(json, "scheduler_reserve_full_isl")?.GetBoolean(),
        Find(json, "watermark")?.GetDouble());

    private static EngineLogRequest ReadRequest(JsonElement json) => new(
        Int(json, "id"),
        [.. json.GetProperty("prompt").EnumerateArray().Select(part => (part[0].GetString()!, part[1].GetInt32()))],
        Int(json, "max_tokens"),
        Int(json, "arrival"),
        Find(json, "priority")?.GetInt32(),
        Find(json, "arrival_time")?.GetDouble(),
        Find(json, "eos_at")?.GetInt32());

    private static EngineLogStep ReadStep(JsonElement json)
    {
        List<int>? running = Ints(json, "run");
        List<int>? waiting = Ints(json, "wait");
        return new(
            Int(json, "s"),
            Pairs(json, "sched"),
            Ints(json, "pre") ?? [],
            Pairs(json, "adm"),
            running,
            waiting,
            running?.Count ?? Find(json, "nrun")?.GetInt32() ?? 0,
            waiting?.Count ?? Find(json, "nwait")?.GetInt32() ?? 0,
            Find(json, "free")?.GetInt32() ?? 0,
            ReadNewBlocks(json),
            Ints(json, "tok") ?? [],
            Ints(json, "fin") ?? [],
            Find(json, "free2")?.GetInt32() ?? 0)
        {
            Processed = Find(json, "upd")?.GetInt32(),
        };
    }

    private static Dictionary<int, IReadOnlyList<int>> ReadNewBlocks(JsonElement json)
    {
        Dictionary<int, IReadOnlyList<int>> blocks = [];
        if (Find(json, "nb") is JsonElement table)
        {
            foreach (JsonProperty row in table.EnumerateObject())
            {
                blocks.Add(int.Parse(row.Name), Ints(table, row.Name)!);
            }
        }

        return blocks;
    }

    private static List<(int, int)> Pairs(JsonElement json, string name) => Find(json, name) is JsonElement list
        ? [.. list.EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()))]
        : [];

    private static List<int>? Ints(JsonElement json, string name) => Find(json, name) is JsonElement list
        ? [.. list.EnumerateArray().Select(item => item.GetInt32())]
        : null;

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static JsonElement? Find(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;
}
