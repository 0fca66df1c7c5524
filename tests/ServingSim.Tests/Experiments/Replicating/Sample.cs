using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Tests.Experiments.Replicating;

/// <summary>A small scenario with one replica and steps of constant time, for tests of many runs.</summary>
internal static class Sample
{
    /// <summary>
    /// A single server, first come, first served: one request at a time, each a prefill that samples its only token.
    /// </summary>
    /// <param name="prompts">The distribution of prompt lengths.</param>
    /// <param name="latency">How long a prefill takes.</param>
    /// <param name="ratePerS">Arrivals per second.</param>
    /// <param name="requests">How many.</param>
    /// <param name="settings">What else, each "path=value".</param>
    internal static LoadedScenario SingleServer(
        string prompts, string latency, double ratePerS, int requests, params string[] settings) =>
        LoadedScenario.Parse(
            FormattableString.Invariant(
                $$"""
                schema: 1
                name: sample
                requests: {{requests}}
                outputs: { requests: none, timeseries_interval: 10s }
                workload:
                  source: synthetic
                  arrivals: { name: poisson, rate_per_s: {{ratePerS}} }
                  prompt_tokens: {{prompts}}
                  output_tokens: { name: constant, tokens: 1 }
                cluster:
                  pools:
                    main:
                      gpu: h100-sxm
                      model: llama-3.1-8b
                      engine:
                        max_num_seqs: 1
                        max_num_batched_tokens: 100000
                        max_model_len: 100000
                        enable_prefix_caching: false
                      latency: {{latency}}
                """),
            Path.Combine(SharedData.Root, "configs", "scenarios", "sample.yaml"),
            settings,
            Catalog.Default);

    /// <summary>M/D/1: a service of 100 ms.</summary>
    internal static LoadedScenario ConstantService(double load, int requests, params string[] settings) =>
        SingleServer(
            "{ name: constant, tokens: 1 }", "{ name: constant, step_ms: 100 }", load / 0.1, requests, settings);

    /// <summary>M/M/1: a mean service of 100 ms; rounding to tokens makes its variance 0.1 % less.</summary>
    internal static LoadedScenario ExponentialService(double load, int requests, params string[] settings) =>
        SingleServer(
            "{ name: exponential, mean_tokens: 1000 }",
            "{ name: linear, prefill: { base_ms: 0, ms_per_token: 0.1 }, "
            + "decode: [{ from_decodes: 1, base_ms: 0, ms_per_decode: 0, ms_per_context_token: 0 }] }",
            load / 0.1,
            requests,
            settings);
}
