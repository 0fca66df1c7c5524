using System.IO.Compression;
using System.Text.Json;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>The engine's prefix hits on a real trace, against a few lines that know no engine.</summary>
public sealed class MooncakeHitRateTests : IDisposable
{
    private const string Trace = "traces/mooncake_conversation_trace.jsonl.gz";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-mooncake-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SharedDataFact(Trace)]
    public void A_cache_that_holds_everything_hits_what_the_hash_ids_repeat()
    {
        // Blocks smaller than, equal to and larger than the trace's
        foreach (int blockSize in new[] { 128, 512, 1024 })
        {
            SummaryBlock engine = Run(blockSize, 200_000_000 / blockSize);
            Assert.Equal((12_031, 0), (engine.Counts.Completed, engine.Preemptions));
            Assert.Equal((144_793_823, IdealHits(blockSize)), (engine.PrefixCacheQueries, engine.PrefixCacheHits));
        }
    }

    [SharedDataFact(Trace)]
    public void Trace_info_tells_the_same_hit_rate() => Assert.Equal(
        IdealHits(512) / 144_793_823.0, TraceInfo.Read(SharedData.Find(Trace)!).IdealHitRate);

    [SharedDataFact(Trace)]
    public void A_smaller_cache_never_hits_more()
    {
        long last = 0;
        foreach (int numGpuBlocks in new[] { 1_000, 10_000, 100_000 })
        {
            SummaryBlock engine = Run(512, numGpuBlocks);
            Assert.Equal(12_031, engine.Counts.Completed);
            Assert.InRange(engine.PrefixCacheHits, last, IdealHits(512) - 1);
            last = engine.PrefixCacheHits;
        }
    }

    /// <summary>
    /// A hash id stands for its block and all before it, so that a prefix is known by the id and place of its last
    /// token. At least the prompt's last token is always computed.
    /// </summary>
    private static long IdealHits(int blockSize)
    {
        using StreamReader lines = new(new GZipStream(
            File.OpenRead(SharedData.Find(Trace)!), CompressionMode.Decompress));
        HashSet<(long Id, int Place)> seen = [];
        long hits = 0;
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument row = JsonDocument.Parse(line);
            int tokens = row.RootElement.GetProperty("input_length").GetInt32();
            long[] ids = [.. row.RootElement.GetProperty("hash_ids").EnumerateArray().Select(id => id.GetInt64())];
            (long, int)[] blocks =
            [
                .. Enumerable.Range(1, tokens / blockSize).Select(n => (n * blockSize) - 1)
                    .Select(last => (ids[last / 512], last % 512)),
            ];
            hits += blockSize * blocks.Take((tokens - 1) / blockSize).TakeWhile(seen.Contains).LongCount();
            seen.UnionWith(blocks);
        }

        return hits;
    }

    private SummaryBlock Run(int blockSize, int numGpuBlocks)
    {
        const string Engine = "cluster.pools.main.engine.";
        string scenario = Path.Combine(_folder.FullName, "mooncake.yaml");
        File.WriteAllText(
            scenario,
            $$"""
            schema: 1
            name: mooncake
            workload: { source: { name: mooncake-trace, path: "{{SharedData.Find(Trace)}}" } }
            cluster:
              pools:
                main: { gpu: h100-sxm, model: llama-3.1-8b, engine: {}, latency: { name: constant, step_ms: 500 } }
            """);
        return ScenarioRunner.Run(
            LoadedScenario.Read(
                scenario,
                [$"{Engine}block_size={blockSize}", $"{Engine}num_gpu_blocks_override={numGpuBlocks}",
                    $"{Engine}max_num_seqs=100000", $"{Engine}max_num_batched_tokens=500000"],
                Catalog.Default),
            new RunOptions(Path.Combine(_folder.FullName, $"{blockSize}-{numGpuBlocks}"))).Summary.Overall;
    }
}
