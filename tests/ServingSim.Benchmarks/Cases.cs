using ServingSim.Experiments.Scenarios;

namespace ServingSim.Benchmarks;

/// <summary>The cases of the table.</summary>
public static class Cases
{
    /// <summary>
    /// What one replica of <see cref="Synthetic"/> completes a second when its queue never empties: 50,000 requests
    /// that arrive at 200/s end at this rate.
    /// </summary>
    private const double SustainedPerS = 24.7;

    /// <summary>The same for <see cref="LongOutputs"/>, of 20,000 requests.</summary>
    private const double SustainedLongOutputsPerS = 5.26;

    private const double RateAt80Percent = 0.8 * SustainedPerS;
    private const double RateAt50Percent = 0.5 * SustainedPerS;
    private const double RateAt70PercentOfLongOutputs = 0.7 * SustainedLongOutputsPerS;

    private const int Million = 1_000_000;
    private const double BurstGptPerS = 10_310_000 / (213 * 86_400.0);

    private const string Caching = "enable_prefix_caching: true";
    private const string NoCaching = "enable_prefix_caching: false";
    private const string Lengths = "lengths: { name: joint-table, path: burstgpt-conversation }";

    private const string LongOutputs =
        """
        prompt_tokens: { name: quantile-table, path: burstgpt-conversation-prompt }
          output_tokens: { name: lognormal, median_tokens: 1147, sigma: 0.5, max_tokens: 8000 }
        """;

    private const string ShortPrompts =
        """
        prompt_tokens: { name: constant, tokens: 304 }
          output_tokens: { name: quantile-table, path: burstgpt-conversation-output }
        """;

    private const string OneLength =
        """
        prompt_tokens: { name: constant, tokens: 512 }
          output_tokens: { name: constant, tokens: 256 }
        """;

    private const string DisaggregatedPool =
        "gpu: h100-sxm, model: llama-3.1-8b, latency: roofline, engine: { enable_prefix_caching: false }";

    private static readonly RunMode[] Compared = [RunMode.Engine, RunMode.Ratio];

    /// <summary>All cases, in the order of the table.</summary>
    public static IReadOnlyList<MeasuredCase> All() =>
    [
        Synthetic("one-per-s", Million, 1, NoCaching) with { Modes = [.. Compared, RunMode.Full] },
        Synthetic("load-50", Million, RateAt50Percent, NoCaching) with { Modes = Compared },
        Synthetic("load-80", Million, RateAt80Percent, NoCaching) with { Modes = [.. Compared, RunMode.Full] },
        Synthetic("kv-pressure", Million, RateAt80Percent, NoCaching + ", num_gpu_blocks_override: 6000") with
        {
            Modes = Compared,
        },
        Synthetic("long-outputs-70", Million, RateAt70PercentOfLongOutputs, NoCaching, lengths: LongOutputs) with
        {
            Modes = Compared,
        },
        Synthetic("16-replicas", 10 * Million, 16 * RateAt80Percent, NoCaching, replicas: 16),
        Synthetic("512-replicas", Million, 512 * RateAt80Percent, NoCaching, replicas: 512),
        Synthetic(
            "shared-prefixes", Million, RateAt80Percent, Caching, lengths: ShortPrompts,
            source: "{ name: synthetic, prefix_groups: { groups: 100, tokens: 304, zipf_exponent: 0 } }"),
        Synthetic("load-80-caching", Million, RateAt80Percent, Caching),
        Disaggregated("8-prefill-8-decode", "nixl"),
        Disaggregated("8-8-distserve", "distserve"),
        Routed("prefix-aware"),
        Routed("sglang-cache-aware"),
        Routed("llm-d"),
        Routed("dynamo-kv"),
        Routed("predicted-latency"),
        Mooncake(),
        Synthetic("213-days", 10_310_000, BurstGptPerS, NoCaching, replicas: 8),
        Week(),
        FromCommand("command-10k", 10_000),
        FromCommand("command-100k", 100_000),
        Read("read-burstgpt", MadeTrace.BurstGpt),
        Read("read-azure", MadeTrace.Azure),
        Read("read-plain", MadeTrace.Plain),
        new MeasuredCase("help", "") { Modes = [RunMode.Command] },
    ];

    private static MeasuredCase Week()
    {
        const string Trace = "burstgpt/BurstGPT_first7days.csv";
        return Replay("burstgpt-week", "burstgpt-week.yaml", Trace) with { Modes = [RunMode.Full, RunMode.Command] };
    }

    private static MeasuredCase Mooncake() =>
        Replay("mooncake-conversation", "mooncake-conversation.yaml", "traces/mooncake_conversation_trace.jsonl.gz");

    private static MeasuredCase Replay(string name, string include, string trace)
    {
        string root = Path.GetDirectoryName(Configs.Folders()[0])!;
        string path = Path.GetFullPath(Path.Combine(root, "../shared/data", trace));
        return new MeasuredCase(
            name,
            $$"""
            name: {{name}}
            include: ['{{Path.Combine(root, "configs/scenarios", include)}}']
            workload: { source: { path: '{{path}}' } }
            """)
        {
            Modes = [RunMode.Full],
            Missing = File.Exists(path) ? null : "shared/data/" + trace,
        };
    }

    private static MeasuredCase Read(string name, MadeTrace trace) => new(
        name,
        $$"""
        schema: 1
        name: {{name}}
        workload: { source: { name: {{trace.Source}}, path: '{{trace.File}}' } }
        cluster: { pools: { main: { gpu: h100-sxm, model: llama-3.1-8b, latency: roofline } } }
        """)
    {
        Modes = [RunMode.Read],
        Requests = 3 * Million,
        Trace = trace,
    };

    /// <summary>
    /// A million conversations through eight replicas that prefill and eight that decode, at 60 % of what the decoding
    /// ones sustain.
    /// </summary>
    private static MeasuredCase Disaggregated(string name, string handoff) => new(
        name,
        $$"""
        schema: 1
        name: {{name}}
        requests: {{Million}}
        workload:
          source: synthetic
          arrivals: { name: gamma, rate_per_s: 150, shape: 0.5 }
          {{Lengths}}
        cluster:
          router: jsq-tokens
          disaggregation: { handoff: {{handoff}}, decode_router: least-outstanding }
          pools:
            prefill: { role: prefill, replicas: 8, {{DisaggregatedPool}} }
            decode: { role: decode, replicas: 8, {{DisaggregatedPool}} }
        """)
    {
        Requests = Million,
    };

    /// <summary>
    /// 256 replicas behind a router that looks at prefixes: half of 100 shared ones, half of its own.
    /// </summary>
    private static MeasuredCase Routed(string router) => Synthetic(
        "256-" + router, Million / 10, 256 * RateAt50Percent, Caching, replicas: 256, lengths: ShortPrompts,
        source: "{ name: synthetic, prefix_groups: { groups: 100, tokens: 304, zipf_exponent: 0 } }", router: router);

    /// <summary>Four replicas, Poisson arrivals, all requests alike: a first try of the command.</summary>
    private static MeasuredCase FromCommand(string name, int requests) => Synthetic(
        name, requests, 8, Caching, replicas: 4, lengths: OneLength, arrivals: "poisson") with
    {
        Modes = [RunMode.Command],
    };

    private static MeasuredCase Synthetic(
        string name,
        int requests,
        double ratePerS,
        string engine,
        int replicas = 1,
        string lengths = Lengths,
        string source = "synthetic",
        string arrivals = "gamma",
        string router = "least-outstanding")
    {
        string yaml =
            $$"""
            schema: 1
            name: {{name}}
            requests: {{requests}}
            workload:
              source: {{source}}
              arrivals: { name: {{arrivals}}, rate_per_s: {{ratePerS}}{{(arrivals == "gamma" ? ", shape: 0.5" : "")}} }
              {{lengths}}
            cluster:
              router: {{router}}
              pools:
                main:
                  gpu: h100-sxm
                  model: llama-3.1-8b
                  engine: { max_model_len: 16384, {{engine}} }
                  latency: roofline
                  replicas: {{replicas}}
            """;
        return new MeasuredCase(name, yaml) { Requests = requests };
    }
}
