using System.Text.Json;
using ServingSim.Cluster;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary>Failures of the trace beside those of the run.</summary>
public sealed class FailureWindowTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Each_window_tells_what_failed_in_the_trace_and_what_in_the_run()
    {
        // One at a time, each for 10 s; clients give up after 3 s. Rows 0 and 10 are served, 1 and 2 give up, 70 is
        // served, and what the trace says has failed is not simulated
        Run(
            "0,ChatGPT,10,10", "1,ChatGPT,10,10", "1,GPT-4,0,0", "2,ChatGPT,10,10", "11,ChatGPT,10,10",
            "62,ChatGPT,9,0", "70,GPT-4,10,10");

        Assert.Equal(
            """
            t_s,service,requests,trace_failed,timed_out,refused,lost,preempted
            0.000000,ChatGPT,4,0,2,0,0,0
            60.000000,ChatGPT,1,1,0,0,0,0
            0.000000,GPT-4,1,1,0,0,0,0
            60.000000,GPT-4,1,0,0,0,0,0

            """,
            _cli.Text("out", "failures.csv"));
        JsonElement failures =
            JsonDocument.Parse(_cli.Text("out", "summary.json")).RootElement.GetProperty("failures");
        JsonElement chatGpt = failures.GetProperty("ChatGPT");
        Assert.Equal(
            (5, 1, 2, 0.2, 0.5),
            (chatGpt.GetProperty("requests").GetInt32(), chatGpt.GetProperty("trace_failed").GetInt32(),
                chatGpt.GetProperty("timed_out").GetInt32(), chatGpt.GetProperty("trace_share").GetDouble(),
                chatGpt.GetProperty("simulated_share").GetDouble()));
        Assert.Contains("failed, by load", _cli.Output);
    }

    [Fact]
    public void Nothing_is_written_unless_it_was_asked_for()
    {
        Run(["--set", "outputs.failures_interval=~"], "0,ChatGPT,10,10");

        Assert.DoesNotContain("failures.csv", _cli.FilesOf("out"));
        Assert.DoesNotContain("\"failures\"", _cli.Text("out", "summary.json"));
    }

    [Fact]
    public void Quarters_of_load_and_correlations_are_those_worked_out_by_hand()
    {
        FailureTally tally = new(SimTime.FromSeconds(10), []);
        for (int window = 0; window < 4; window++)
        {
            // 20, 30, 40, 50 requests, of which 10 failed in the trace, and of the rest 0, 5, 15, 30 in the run
            int rest = 10 * (window + 1);
            for (int i = 0; i < 10; i++)
            {
                tally.AddFailedInTrace(SimTime.FromSeconds(10 * window), Labels.None);
            }

            int failed = new[] { 0, 5, 15, 30 }[window];
            for (int i = 0; i < rest; i++)
            {
                tally.Add(new RequestRecord
                {
                    ClientId = i,
                    ArrivalS = (10 * window) + 1,
                    PromptTokens = 1,
                    OutputTokens = 1,
                    FinishReason = i < failed ? FinishReason.Aborted("timeout") : FinishReason.Stop,
                });
            }
        }

        FailureFigures figures = Assert.Single(tally.Figures);
        Assert.Equal([0.5, 1 / 3.0, 0.25, 0.2], figures.TraceByLoad.Select(s => s!.Value));
        Assert.Equal([0, 0.25, 0.5, 0.75], figures.SimulatedByLoad.Select(s => s!.Value));
        Assert.Equal(1, figures.SimulatedCorrelation!.Value, 12);
        Assert.InRange(figures.TraceCorrelation!.Value, -1, -0.9);
        FailureWindow total = figures.Total;
        Assert.Equal(
            (140L, 40L, 50L, 4), (total.Requests, total.TraceFailed, total.TimedOut, figures.Judged));
    }

    private void Run(params string[] rows) => Run([], rows);

    private void Run(string[] more, params string[] rows)
    {
        string trace = _cli.File("t.csv", string.Concat(
            rows.Select(r => $"{r},Conversation log\n")
                .Prepend("Timestamp,Model,Request tokens,Response tokens,Log Type\n")));
        string scenario = _cli.File("s.yaml", $$"""
            schema: 1
            name: s
            workload: { source: { name: trace, path: {{trace}}, spread_ties: false } }
            clients: { first_token_timeout: 3s }
            cluster:
              pools:
                main:
                  gpu: a100-sxm-80gb
                  model: llama-2-7b
                  engine: { profile: vllm-v1, max_num_seqs: 1 }
                  latency: { name: constant, step_ms: 1000 }
            report_by: [model]
            outputs: { failures_interval: 1m }
            """);
        int code = _cli.Run(["run", scenario, "--out", _cli.In("out"), .. more]);
        Assert.True(code == 0, _cli.Error);
    }
}
