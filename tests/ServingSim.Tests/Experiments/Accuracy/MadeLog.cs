using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Tests.Experiments.Accuracy;

/// <summary>Measurements that the simulator made itself, so that every error is known.</summary>
internal static class MadeLog
{
    /// <summary>What serves the requests of every case.</summary>
    internal const string Cluster =
        """
        cluster:
          pools:
            main: { gpu: h100-sxm, model: llama-3.1-8b, latency: roofline, engine: { max_model_len: 16384 } }
        """;

    /// <summary>A log of so many requests, its latencies multiplied by a factor.</summary>
    internal static string Of(int requests, double factor = 1, string ttft = "ttft_ms")
    {
        List<RequestRecord> records = [];
        LoadedScenario scenario = LoadedScenario.Parse(
            $$"""
            schema: 1
            name: made
            requests: {{requests}}
            workload:
              source: synthetic
              arrivals: { name: poisson, rate_per_s: 20 }
              lengths: { name: joint-table, path: burstgpt-conversation }
            {{Cluster}}
            """,
            "made.yaml", [], Catalog.Default);
        ScenarioRunner.Run(scenario, new RunOptions(null) { Ended = records.Add });
        return $"arrival_s,prompt_tokens,wanted,{ttft},e2el_ms\n" + string.Concat(
            records.OrderBy(r => r.ClientId).Select(r => string.Create(
                CultureInfo.InvariantCulture,
                $"{r.ArrivalS:0.###########},{r.PromptTokens},{r.OutputTokens},{1e3 * factor * r.TtftS:R},"
                + $"{1e3 * factor * r.E2eS:R}\n")));
    }

    /// <summary>Cases that replay such a log.</summary>
    internal static string Cases(string log = "log.csv", string more = "") =>
        $$"""
        schema: 1
        name: made
        cases:
          - name: replayed
            requests: { file: {{log}}, columns: { output_tokens: wanted }{{more}} }
            scenario:
        {{Indented(Cluster)}}
        """;

    /// <summary>A block of YAML below a key of a case.</summary>
    internal static string Indented(string yaml) =>
        string.Join('\n', yaml.Split('\n').Select(line => "      " + line));
}
