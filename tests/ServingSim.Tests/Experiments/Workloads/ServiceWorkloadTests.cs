using ServingSim.Cluster;
using ServingSim.Experiments;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

/// <summary><c>service</c> and the two modes of BurstGPT-Perf.</summary>
public sealed class ServiceWorkloadTests : IDisposable
{
    private const string Tables = "arrivals: { name: poisson, rate_per_s: 1 }\n  "
        + "lengths:\n    name: joint-bins\n    source: made\n    output_probabilities: [0, 1]\n"
        + "    bins: [{ min_prompt_tokens: 1, max_prompt_tokens: 1000, weight: 1, output_tokens: [1, 9] }]\n";

    private readonly CommandRun _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(0.1, 0.5)]
    [InlineData(0.02, 0.02)]
    [InlineData(0.5, 0.9)]
    public void Failures_have_their_share_and_cluster(double share, double after)
    {
        string source = $"{{ name: service, failures: {{ share: {share}, share_after_failure: {after}, "
            + "share_with_size: 0.25 } }";
        bool[] failed = [.. All(source, Tables, 60_000).Select(r => r.Labels["failed"] is not null)];

        Assert.Equal(share, failed.Count(f => f) / 60_000.0, 0.015);
        bool[] following = [.. failed.Zip(failed.Skip(1)).Where(p => p.First).Select(p => p.Second)];
        Assert.Equal(after, following.Count(f => f) / (double)following.Length, 0.03);
    }

    [Fact]
    public void A_run_is_given_the_others_and_counts_the_failed()
    {
        string path = Write("{ name: service, failures: { share: 0.1 } }", Tables);
        WorkloadFile file = WorkloadFile.Read(path, [], Catalog.Default);
        using IWorkload workload = WorkloadContext.Create(
            file.Workload, 1, new WorkloadLimits(Requests: 5000), path, givesFailures: false);
        List<ClientRequest> given = [];
        while (workload.NextArrival is not null)
        {
            given.Add(workload.Take());
        }

        TraceCounts counts = workload.TraceCounts!;
        Assert.Equal((5000, 5000L, counts.Failed), (given.Count, counts.Given, counts.FailedWithoutSize));
        Assert.InRange(counts.Failed, 450, 660);
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => (long)i), given.Select(r => r.Id));
    }

    [Fact]
    public void A_job_repeats_its_prompts_and_the_next_has_others()
    {
        string batches = Tables.Replace(
            "{ name: poisson, rate_per_s: 1 }",
            "{ name: on-off, batch_requests: 100, batch_rate_per_s: 10, off_mean: 1h }");
        ClientRequest[] all = All("{ name: service, cycle: { prompts: 7, pause: 60s } }", batches, 2000);
        int first = Array.FindIndex(all, 1, r => r.Arrival - all[0].Arrival > SimTime.FromSeconds(120));
        int[] job = [.. all.Take(first).Select(r => r.PromptTokens)];

        Assert.True(job.Length > 14);
        Assert.All(job.Index().Skip(7), p => Assert.Equal(job[p.Index - 7], p.Item));
        Assert.NotEqual(job[0], all[first].PromptTokens);
        Assert.True(all.Select(r => r.PredictedOutputTokens).Distinct().Count() > 3);
    }

    [Fact]
    public void The_modelled_benchmark_warms_up_walks_its_slots_and_ends_as_it_began()
    {
        const string Source = "{ name: burstgpt-perf, alphas: [4, 1], betas_per_s: [8, 0.5], thetas: [2, 0.5], "
            + "warmup_requests: 1000, rate_scale: 10 }";
        ClientRequest[] all = All(Source, "", 12_000);
        double[] at = [.. all.Select(r => r.Arrival.TotalSeconds)];
        double start = at[999];

        // Gamma(0.5, 2): a mean gap of 1 s; then 60 s at 8 × 10 / 4 a second, 60 s at 0.5 × 10; then as before
        Assert.InRange(start, 850, 1150);
        Assert.InRange(at.Count(t => t > start && t < start + 60), 1150, 1250);
        Assert.InRange(at.Count(t => t > start + 60 && t < start + 120), 255, 345);
        double[] after = [.. at.Where(t => t > start + 120)];
        Assert.InRange((after[^1] - after[0]) / after.Length, 0.95, 1.05);
        Assert.All(all, r => Assert.InRange(r.PromptTokens, 1, 1023));
        double Mean(double from, double to) =>
            all.Where(r => r.Arrival.TotalSeconds > from && r.Arrival.TotalSeconds < to).Average(r => r.PromptTokens);
        Assert.InRange(Mean(start, start + 60), 3, 8);
        Assert.InRange(Mean(start + 60, start + 120), 270, 410);
    }

    [Fact]
    public void The_traces_benchmark_takes_whole_chunks_and_keeps_what_failed()
    {
        string rows = string.Concat(Enumerable.Range(0, 45).Select(i => i == 3
            ? "15,ChatGPT,0,0,0,Conversation log\n"
            : $"{(i * 5) + (i / 30)},GPT-4,{Math.Max(1, i * 100)},{i + 1},{Math.Max(1, i * 100) + i + 1},API log\n"));
        string trace = _files.File(
            "t.csv", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n" + rows);
        ClientRequest[] all = All(
            $"{{ name: burstgpt-perf-trace, path: {trace}, prompt_num: 21, scale: 2.5 }}", "", 99);

        Assert.Equal(40, all.Length);
        Assert.Equal([0.0, 2, 4, 6, 8], all.Take(5).Select(r => r.Arrival.TotalSeconds));
        Assert.Equal((1, 1), (all[3].PromptTokens, all[3].PredictedOutputTokens));
        Assert.Equal(1023, all[30].PromptTokens);
        Assert.Equal("API log", all[0].Labels["log_type"]);
    }

    private ClientRequest[] All(string source, string rest, long requests)
    {
        string path = Write(source, rest);
        WorkloadFile file = WorkloadFile.Read(path, [], Catalog.Default);
        using IWorkload workload = WorkloadContext.Create(
            file.Workload with { Prediction = new PredictionOptions() }, 1, new WorkloadLimits(Requests: requests),
            path, givesFailures: true);
        List<ClientRequest> all = [];
        while (workload.NextArrival is not null)
        {
            all.Add(workload.Take());
        }

        return [.. all];
    }

    private string Write(string source, string rest) =>
        _files.File("w.yaml", $"workload:\n  source: {source}\n  {rest}");
}
