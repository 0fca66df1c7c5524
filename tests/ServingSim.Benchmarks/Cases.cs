using ServingSim.Experiments.Scenarios;

namespace ServingSim.Benchmarks;

/// <summary>The cases of the table.</summary>
public static class Cases
{
    /// <summary>
    /// What one replica of <see cref="Synthetic"/> completes a second when its queue never empties: 50,000 requests
    /// that arrive at 200/s end at this rate.
    /// </summary>
    private const double SustainedPerS = 21.7;

    private const double RateAt80Percent = 0.8 * SustainedPerS;

    private const string Caching = "enable_prefix_caching: true";
    private const string NoCaching = "enable_prefix_caching: false";

    /// <summary>All cases, in the order of the table.</summary>
    public static IReadOnlyList<MeasuredCase> All() =>
    [
        Week(),
        Synthetic("load-80-no-cache", 1_000_000, RateAt80Percent, NoCaching),
        Synthetic("load-80", 1_000_000, RateAt80Percent, Caching),
        Synthetic("one-per-s", 1_000_000, 1, Caching),
        Synthetic("kv-pressure", 100_000, RateAt80Percent, Caching + ", num_gpu_blocks_override: 6000"),
        Synthetic("16-replicas", 200_000, 16 * RateAt80Percent, Caching, replicas: 16),
    ];

    private static MeasuredCase Week()
    {
        string root = Path.GetDirectoryName(Configs.Folders()[0])!;
        string trace = Path.GetFullPath(Path.Combine(root, "../shared/data/burstgpt/BurstGPT_first7days.csv"));
        return new MeasuredCase(
            "burstgpt-week",
            $$"""
            name: burstgpt-week
            include: [burstgpt-week.yaml]
            workload: { source: { path: '{{trace}}' } }
            """)
        {
            Modes = [RunMode.Summary, RunMode.Full],
            Missing = File.Exists(trace) ? null : "shared/data/burstgpt/BurstGPT_first7days.csv",
        };
    }

    private static MeasuredCase Synthetic(
        string name, int requests, double ratePerS, string engine, int replicas = 1) => new(
        name,
        $$"""
        schema: 1
        name: {{name}}
        requests: {{requests}}
        workload:
          source: synthetic
          arrivals: { name: gamma, rate_per_s: {{ratePerS}}, shape: 0.5 }
          lengths: { name: joint-table, path: burstgpt-conversation }
        cluster:
          pools:
            main:
              gpu: h100-sxm
              model: llama-3.1-8b
              engine: { max_model_len: 16384, {{engine}} }
              latency: roofline
              replicas: {{replicas}}
        """);
}
