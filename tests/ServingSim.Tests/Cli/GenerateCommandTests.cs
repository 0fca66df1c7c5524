using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary><c>workload fit</c> and <c>workload generate</c>, as a person sees them.</summary>
public sealed class GenerateCommandTests : IDisposable
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("sample-burstgpt.csv")]
    [InlineData("sample-burstgpt-sessions.csv")]
    [InlineData("sample-azure-code.csv")]
    [InlineData("sample-mooncake.jsonl")]
    public void What_is_fitted_can_be_generated_again_and_included(string trace)
    {
        Run("workload", "fit", CommandRun.Trace(trace), "--out", _cli.In("m.yaml"));
        Assert.All(_cli.Output.Split('\n'), line => Assert.True(line.Length <= 100 + _cli.Folder.Length, line));
        foreach (string file in new[] { "g.csv", "h.csv" })
        {
            Run(
                "workload", "generate", _cli.In("m.yaml"), "--out", _cli.In(file), "--set", "duration=1d",
                "--set", "requests=200", "--quiet");
        }

        Assert.Empty(_cli.Output);
        Assert.Equal(File.ReadAllText(_cli.In("g.csv")), File.ReadAllText(_cli.In("h.csv")));
        Run("workload", "generate", _cli.In("m.yaml"), "--out", _cli.In("g.jsonl"), "--set", "requests=50");
        Run("trace", "info", _cli.In("g.jsonl"));
        Run("workload", "describe", _cli.In("g.csv"));
        Assert.Equal(201, File.ReadLines(_cli.In("g.csv")).Count());
        string scenario = _cli.File("s.yaml", """
            schema: 1
            name: s
            include: [m.yaml]
            requests: 20
            cluster: { pools: { main: { gpu: h100-sxm, model: llama-3.1-8b,
              engine: { profile: vllm-v1, max_model_len: 131072 }, latency: roofline } } }
            """);
        Run("validate", scenario);
    }

    [Fact]
    public void A_trace_of_minutes_keeps_its_rate_and_length_where_it_lies_across_an_hour()
    {
        // From 0:50 to 1:10 a job of 60 rows in half a minute every other minute
        string trace = _cli.File("t.csv", "arrival_s,prompt_tokens,output_tokens\n" + string.Concat(
            Enumerable.Range(0, 600).Select(i => $"{3000 + (i / 60 * 120) + (i % 60 / 2)},{100 + i},{1 + (i % 9)}\n")));
        Run("workload", "fit", trace, "--out", _cli.In("m.yaml"));

        Assert.Contains("batches    bursts", _cli.Output);
        string model = File.ReadAllText(_cli.In("m.yaml"));
        Assert.Matches("\nduration: 11(09|10)s\n", model);
        Assert.Matches("off_mean: 8[0-9]s", model);
    }

    [SharedDataFact(FirstWeek)]
    public void A_fitted_week_has_the_weeks_statistics()
    {
        Run("workload", "fit", SharedData.Find(FirstWeek)!, "--out", _cli.In("m.yaml"));
        Run("workload", "generate", _cli.In("m.yaml"), "--out", _cli.In("g.csv"), "--set", "duration=28d");
        var real = Experiments.Describing.Described.Of(SharedData.Find(FirstWeek)!, "ChatGPT, Conversation log");
        var made = Experiments.Describing.Described.Of(_cli.In("g.csv"), "ChatGPT, Conversation log");

        Assert.InRange(made.Composition.Rows / 4.0 / real.Composition.Rows, 0.85, 1.15);
        Assert.Equal(real.Composition.FailedShare, made.Composition.FailedShare, 0.01);
        Assert.Equal(real.Failures.ShareAfterFailure!.Value, made.Failures.ShareAfterFailure!.Value, 0.05);
        Assert.Equal(real.Composition.Correlation!.Value, made.Composition.Correlation!.Value, 0.04);
        Assert.InRange(made.Composition.Prompts!.Mean / real.Composition.Prompts!.Mean, 0.97, 1.03);
        Assert.InRange(made.Composition.Prompts.P99 / real.Composition.Prompts.P99, 0.97, 1.03);
        Assert.InRange(made.Composition.Outputs!.Mean / real.Composition.Outputs!.Mean, 0.97, 1.03);
        Assert.Equal(
            real.Burstiness.Workdays.Alpha!.Value.P50, made.Burstiness.Workdays.Alpha!.Value.P50, 0.08);
    }

    [Theory]
    [InlineData("burstgpt-chatgpt-conversation")]
    [InlineData("burstgpt-gpt4-conversation")]
    [InlineData("burstgpt-api")]
    [InlineData("burstgpt-61d")]
    [InlineData("burstgpt-213d")]
    [InlineData("burstgpt-perf")]
    public void Shipped_models_generate(string model)
    {
        string path = Path.Combine(SharedData.Root, "configs", "workloads", model + ".yaml");
        Run("workload", "generate", path, "--out", _cli.In("g.csv.gz"), "--set", "requests=3000");
        Run("trace", "info", _cli.In("g.csv.gz"));
        Assert.Contains("rows           3,000\n", _cli.Output);
    }

    [Fact]
    public void What_is_wrong_is_told()
    {
        string closed = _cli.File("c.yaml", "workload:\n  source: { name: closed-loop, concurrency: 3 }\n"
            + "  prompt_tokens: { name: constant, tokens: 3 }\n  output_tokens: { name: constant, tokens: 3 }\n");
        Assert.Equal(2, _cli.Run("workload", "generate", closed, "--out", _cli.In("g.csv")));
        Assert.Equal("c.yaml: workload.source: a closed loop has no times but those of who answers it\n", _cli.Error);

        string endless = _cli.File(
            "e.yaml", "workload:\n  source: service\n  arrivals: { name: poisson, rate_per_s: 1 }\n"
            + "  prompt_tokens: { name: constant, tokens: 3 }\n  output_tokens: { name: constant, tokens: 3 }\n");
        Assert.Equal(2, _cli.Run("workload", "generate", endless, "--out", _cli.In("g.csv")));
        Assert.Contains("duration: missing: made-up arrivals do not end by themselves", _cli.Error);

        string unknown = _cli.File("u.yaml", "workload:\n  source: { name: service, failure: 1 }\nclusters: {}\n");
        Assert.Equal(2, _cli.Run("workload", "generate", unknown, "--out", _cli.In("g.csv")));
        Assert.Contains("'service' has no option 'failure'", _cli.Error);
        Assert.Contains("clusters", _cli.Error);

        Run("workload", "generate", endless, "--out", _cli.In("g.csv"), "--set", "requests=3");
        Assert.Equal(2, _cli.Run("workload", "generate", endless, "--out", _cli.In("g.csv"), "--set", "requests=3"));
        Assert.Equal("g.csv: is there already; --force replaces it\n", _cli.Error);
        Assert.Equal(2, _cli.Run("workload", "fit", _cli.File("t.csv", "a,b\n"), "--out", _cli.In("m.yaml")));
        Assert.StartsWith("t.csv: is no trace of a known format", _cli.Error);
        Assert.False(File.Exists(_cli.In("m.yaml")));
    }

    [Fact]
    public void An_interrupted_run_leaves_nothing_behind()
    {
        string model = Path.Combine(SharedData.Root, "configs", "workloads", "burstgpt-61d.yaml");
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run("workload", "generate", model, "--out", _cli.In("g.csv")));
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Folder));
    }

    private void Run(params string[] args) => Assert.Equal((0, ""), (_cli.Run(args), _cli.Error));
}
