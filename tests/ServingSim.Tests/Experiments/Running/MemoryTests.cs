using ServingSim.Experiments;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary>
/// Of a run in which requests have no rows, nothing stays alive for each of them. Runs by itself, for other tests of
/// the process have objects too.
/// </summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests : IDisposable
{
    private const int First = 20_000;
    private const int Last = 200_000;

    /// <summary>Half of the least that a list of something keeps of each request.</summary>
    private const double MostBytesPerRequest = 2;

    private const string Synthetic = """
          source: { name: synthetic, prefix_groups: { groups: 20, tokens: 64 } }
          arrivals: { name: poisson, rate_per_s: 20 }
          prompt_tokens: { name: lognormal, median_tokens: 100, sigma: 1, max_tokens: 900 }
          output_tokens: { name: uniform, min_tokens: 1, max_tokens: 40 }
          labels: { service: a }
        """;

    private const string Sessions = """
          source:
            name: sessions
            turns: { name: uniform, min_tokens: 1, max_tokens: 5 }
            gaps: { name: lognormal, median: 5s, sigma: 1 }
            max_context_tokens: 1500
          arrivals: { name: poisson, rate_per_s: 10 }
          prompt_tokens: { name: constant, tokens: 50 }
          output_tokens: { name: uniform, min_tokens: 1, max_tokens: 40 }
          labels: { service: b }
        """;

    private const string Closed = """
          source: { name: closed-loop, concurrency: 5, think_time: 500ms }
          prompt_tokens: { name: constant, tokens: 3000 }
          output_tokens: { name: constant, tokens: 3 }
          labels: { service: c }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-memory-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("none")]
    [InlineData("sample")]
    public void It_does_not_grow_with_the_number_of_made_up_requests(string rows) =>
        Assert.InRange(GrowthPerRequest(Synthetic, rows), -1000, MostBytesPerRequest);

    [Fact]
    public void It_does_not_grow_with_the_number_of_requests_of_a_mix_of_sessions_and_closed_loops()
    {
        IEnumerable<string> parts = new[] { Synthetic, Sessions, Closed }
            .Select(part => "    -\n    " + part.Replace("\n", "\n    "));
        string mix = "  source:\n    name: mix\n    parts:\n" + string.Join('\n', parts);
        Assert.InRange(GrowthPerRequest(mix, "none"), -1000, MostBytesPerRequest);
    }

    [Fact]
    public void It_does_not_grow_with_the_number_of_rows_of_a_trace_that_each_name_a_session()
    {
        string trace = Path.Combine(_folder.FullName, "trace.csv");
        File.WriteAllLines(
            trace,
            Enumerable.Range(0, Last + First).Select(i => $"{i / 20.0},100,20,session-{i}")
                .Prepend("arrival_s,prompt_tokens,output_tokens,session"));
        string workload = $"  source: {{ name: plain-trace, path: '{trace}' }}\n  labels: {{ service: a }}";
        Assert.InRange(GrowthPerRequest(workload, "none"), -1000, MostBytesPerRequest);
    }

    /// <summary>Some 30 bytes; well below, for what other tests have pooled may be let go of meanwhile.</summary>
    [Fact]
    public void It_grows_where_latencies_are_kept_or_these_tests_would_tell_nothing() =>
        Assert.InRange(GrowthPerRequest(Synthetic, "all"), 3 * MostBytesPerRequest, 1000);

    /// <summary>Bytes alive after <see cref="Last"/> requests that were not after <see cref="First"/>.</summary>
    private double GrowthPerRequest(string workload, string rows)
    {
        LoadedScenario scenario = LoadedScenario.Parse(
            $$"""
            schema: 1
            name: memory
            requests: {{Last + First}}
            workload:
            {{workload.ReplaceLineEndings("\n")}}
            cluster:
              router: prefix-aware
              pools:
                main:
                  gpu: h100-sxm
                  model: llama-3.1-8b
                  replicas: 2
                  engine: { num_gpu_blocks_override: 3000, max_model_len: 2000 }
                  latency: { name: constant, step_ms: 20 }
            slo: { ttft_ms: 200 }
            report_by: [service]
            outputs: { requests: {{rows}} }
            """,
            Path.Combine(_folder.FullName, "s.yaml"), [], Catalog.Default);
        List<(long Arrived, long Bytes)> alive = [];
        ScenarioRunner.Run(scenario, new RunOptions(_folder.FullName)
        {
            Progress = progress =>
            {
                if (progress.Arrived >= (alive.Count == 0 ? First : Last) && alive.Count < 2)
                {
                    alive.Add((progress.Arrived, GC.GetTotalMemory(forceFullCollection: true)));
                }
            },
        });
        return (double)(alive[1].Bytes - alive[0].Bytes) / (alive[1].Arrived - alive[0].Arrived);
    }
}
