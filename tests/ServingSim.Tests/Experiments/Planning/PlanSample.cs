using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Tests.Experiments.Planning;

/// <summary>Plans for a short burst of conversations.</summary>
internal static class PlanSample
{
    internal const string Scenario =
        """
        schema: 1
        name: burst
        requests: 400
        workload:
          source: synthetic
          arrivals: { name: gamma, rate_per_s: 100, shape: 0.5 }
          lengths: { name: joint-table, path: burstgpt-conversation }
          labels: { service: conversation }
        cluster:
          pools:
            main:
              gpu: h100-sxm
              model: llama-3.1-8b
              engine: { max_model_len: 16384 }
              latency: roofline
        slo: { ttft_ms: 300, tpot_ms: 25 }
        outputs: { timeseries_interval: 1s }
        """;

    internal const string Gpus =
        """
        schema: 1
        name: gpus
        scenario: burst.yaml
        candidates: { gpus: [l40s, a100-sxm-80gb, h100-sxm], tp: [1, 2], replicas: { to: 30 } }
        prices: { l40s: 0.9, a100-sxm-80gb: 1.7, h100-sxm: 3 }
        prices_from: nowhere
        goal: { attainment: 0.95 }
        replications: 3
        fleets: 1
        """;

    internal const string Knobs =
        """
        schema: 1
        name: knobs
        scenario: burst.yaml
        candidates:
          gpus: [h100-sxm]
          replicas: { from: 1, to: 40 }
          knobs:
            cluster.pools.main.engine.max_num_seqs: [4, 16, 128]
            cluster.pools.main.engine.max_num_batched_tokens: [512, 4096]
        prices: { h100-sxm: 3 }
        prices_from: nowhere
        goal: { attainment: 0.9, by_label: [{ label: service, value: conversation, attainment: 0.97 }] }
        replications: 3
        fleets: 1
        """;

    internal const string Kv =
        """
        schema: 1
        name: kv
        scenario: burst.yaml
        candidates:
          gpus: [h100-sxm, a100-sxm-80gb]
          replicas: { to: 48 }
          knobs: { cluster.pools.main.engine.num_gpu_blocks_override: [1200, 3000, 20000] }
        prices: { h100-sxm: 3, a100-sxm-80gb: 1 }
        prices_from: nowhere
        budget: { cost_per_hour: 60 }
        goal: { attainment: 0.9, confidence: 0.8 }
        replications: 3
        fleets: 2
        load: 0.8
        """;

    /// <summary>A plan as if it stood beside the scenario, which does stand in a folder that goes.</summary>
    internal static Plan Read(string folder, string text, params string[] settings)
    {
        File.WriteAllText(Path.Combine(folder, "burst.yaml"), Scenario);
        return ScenarioFile.Parse<Plan>(text, Path.Combine(folder, "plan.yaml"), settings, Catalog.Default);
    }
}
