using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary>Every router in a whole run of quickstart, and its mistaken options.</summary>
public sealed class RouterScenarioTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("round-robin")]
    [InlineData("{ name: least-loaded, by: kv_cache_usage }")]
    [InlineData("random")]
    [InlineData("power-of-two")]
    [InlineData("{ name: jsq-tokens, expected_output_tokens: 200 }")]
    [InlineData("{ name: session-affinity, label: service, virtual_nodes: 1 }")]
    [InlineData("{ name: consistent-hash, label: service, prefix_tokens: 64, load_factor: 1.5, virtual_nodes: 3 }")]
    [InlineData("{ name: prefix-aware, block_tokens: 32, min_match: 0.25, max_blocks: 1000 }")]
    [InlineData("{ name: sglang-cache-aware, defaults: smg, eviction_interval: 5s, max_tree_size: 4000 }")]
    [InlineData("dynamo-kv")]
    [InlineData("{ name: dynamo-kv, use_kv_events: false, router_ttl: 20s, router_temperature: 0.1 }")]
    [InlineData("{ name: llm-d, picker: weighted_random, running_weight: 1, lru_capacity: 500 }")]
    [InlineData("predicted-latency")]
    [InlineData("{ name: predicted-latency, ttft_ms: 200, tpot_ms: 40, headroom: most, lru_capacity: 0 }")]
    [InlineData(
        "{ name: predicted-latency, picker: max_score, exploration_probability: 0.5, epsilon_explore_neg: 0.5 }")]
    [InlineData(
        "{ name: predicted-latency, strict_affinity_threshold: 0, affinity_threshold: 0.5, max_ttft_penalty_ms: 1 }")]
    [InlineData("{ name: llm-d, prefix: precise, token_load_weight: 1 }")]
    public void A_run_keeps_the_laws_and_is_the_same_again(string router)
    {
        Assert.Equal((0, ""), (Run(router, "a"), _cli.Error));
        Assert.Equal((0, ""), (Run(router, "b"), _cli.Error));
        Assert.Equal(_cli.Bytes("a", "requests.csv"), _cli.Bytes("b", "requests.csv"));
    }

    [Theory]
    [InlineData("jsq-tokens", "expected_output_tokens", "-1", "at least 0")]
    [InlineData("session-affinity", "virtual_nodes", "0", "1 to 1000")]
    [InlineData("session-affinity", "label", "''", "a label's name")]
    [InlineData("consistent-hash", "label", "''", "a label's name")]
    [InlineData("consistent-hash", "virtual_nodes", "1001", "1 to 1000")]
    [InlineData("consistent-hash", "prefix_tokens", "0", "at least 1")]
    [InlineData("consistent-hash", "load_factor", "0.9", "a number from 1 to 1e6")]
    [InlineData("consistent-hash", "load_factor", "2000000", "a number from 1 to 1e6")]
    [InlineData("prefix-aware", "block_tokens", "0", "at least 1")]
    [InlineData("prefix-aware", "min_match", "1.5", "a number from 0 to 1")]
    [InlineData("prefix-aware", "min_match", "-0.5", "a number from 0 to 1")]
    [InlineData("prefix-aware", "max_blocks", "0", "at least 1")]
    [InlineData("sglang-cache-aware", "cache_threshold", "1.5", "a number from 0 to 1")]
    [InlineData("sglang-cache-aware", "balance_abs_threshold", "-1", "at least 0")]
    [InlineData("sglang-cache-aware", "balance_rel_threshold", "-0.5", "a number from 0 to 1e6")]
    [InlineData("sglang-cache-aware", "max_tree_size", "-1", "at least 0")]
    [InlineData("sglang-cache-aware", "chars_per_token", "0", "more than 0 and at most 1000")]
    [InlineData("dynamo-kv", "overlap_score_weight", "-1", "a number from 0 to 1000")]
    [InlineData("dynamo-kv", "router_temperature", "-1", "a number from 0 to 1000")]
    [InlineData("dynamo-kv", "router_max_tree_size", "0", "at least 1")]
    [InlineData("dynamo-kv", "router_prune_target_ratio", "2", "a number from 0 to 1")]
    [InlineData("llm-d", "queue_weight", "-1", "a number from 0 to 1e6")]
    [InlineData("predicted-latency", "ttft_ms", "0", "more than 0")]
    [InlineData("predicted-latency", "tpot_ms", "-1", "more than 0")]
    [InlineData("predicted-latency", "ttft_weight", "-1", "a number from 0 to 1e6")]
    [InlineData("predicted-latency", "tpot_weight", "-1", "a number from 0 to 1e6")]
    [InlineData("predicted-latency", "expected_output_tokens", "0", "at least 1")]
    [InlineData("predicted-latency", "block_tokens", "0", "at least 1")]
    [InlineData("predicted-latency", "affinity_threshold", "1.5", "a number from 0 to 1")]
    [InlineData("predicted-latency", "strict_affinity_threshold", "-1", "a number from 0 to 1")]
    [InlineData("predicted-latency", "exploration_probability", "2", "a number from 0 to 1")]
    [InlineData("predicted-latency", "epsilon_explore_neg", "-0.5", "a number from 0 to 1")]
    [InlineData("predicted-latency", "max_ttft_penalty_ms", "-1", "at least 0")]
    [InlineData("predicted-latency", "lru_capacity", "-1", "at least 0")]
    [InlineData("llm-d", "session_affinity_weight", "2000000", "a number from 0 to 1e6")]
    [InlineData("llm-d", "session_label", "''", "a label's name")]
    [InlineData("llm-d", "block_tokens", "0", "at least 1")]
    [InlineData("llm-d", "max_prefix_blocks", "0", "at least 1")]
    [InlineData("llm-d", "lru_capacity", "0", "at least 1")]
    public void A_value_out_of_range_is_told(string router, string option, string value, string expected)
    {
        Assert.Equal(2, Run($"{{ name: {router}, {option}: {value} }}", "a"));
        string found = value == "''" ? "empty text" : value;
        Assert.Contains($"cluster.router.{option}: found {found}, expected {expected}", _cli.Error);
    }

    private int Run(string router, string folder) => _cli.Run(
        "run", CommandRun.Scenario("quickstart"), "--audit", "--quiet", "--out", _cli.In(folder),
        "--set", "requests=1000", "--set", "warmup=0s", "--set", $"cluster.router={router}");
}
