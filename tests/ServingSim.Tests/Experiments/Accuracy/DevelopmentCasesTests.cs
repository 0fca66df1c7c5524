using System.Collections.Concurrent;
using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Accuracy;

/// <summary>
/// The predictions of measured runs, by family: a change may make them no worse. A limit is the median size of the
/// error when it was set, as docs/accuracy.md has it, and a little room.
/// </summary>
public sealed class DevelopmentCasesTests
{
    private static readonly ConcurrentDictionary<string, Lazy<AccuracyResult>> Results = new();

    [SharedDataTheory("measured/endtoend/B_static_batch_argonne_dev.csv")]
    [InlineData("llama-2-7b a100-sxm-40gb", 0.025)]
    [InlineData("llama-2-7b h100-sxm", 0.04)]
    [InlineData("llama-2-70b a100-sxm-40gb", 0.045)]
    [InlineData("llama-2-70b h100-sxm", 0.04)]
    [InlineData(AccuracyResult.Overall, 0.035)]
    public void Static_batches_take_as_long_as_measured(string group, double most) =>
        AssertError("argonne-vllm", group, "duration", most);

    [SharedDataTheory("measured/endtoend/B_silicon_aic_dev.csv")]
    [InlineData("minimax-m2.5 h100-sxm", 0.03)]
    [InlineData("minimax-m2.5 h200-sxm", 0.09)]
    [InlineData("minimax-m2.5 b200-sxm", 0.085)]
    [InlineData("qwen3-235b-a22b-fp8 h200-sxm", 0.06)]
    [InlineData("minimax-m2.5-nvfp4 b200-sxm", 0.07)]
    [InlineData("kimi-k2.5-nvfp4 b200-sxm", 0.03)]
    [InlineData("kimi-k2.5 b200-sxm", 0.03)]
    [InlineData("kimi-k2.5 h200-sxm", 0.1)]
    [InlineData(AccuracyResult.Overall, 0.075)]
    public void Closed_loops_of_the_silicon_table_have_the_TPOT_measured(string group, double most) =>
        AssertError("silicon-vllm", group, "p50_tpot_ms", most);

    [SharedDataTheory("measured/requests/h100_vllm0151")]
    [InlineData("llama-2-7b tp1", 0.05, 0.06)]
    [InlineData("codellama-34b tp2", 0.005, 0.03)]
    [InlineData("llama-2-70b tp4", 0.05, 0.05)]
    [InlineData("mixtral-8x7b tp2", 0.015, 0.045)]
    public void Logs_of_vLLM_0_15_have_the_TTFT_and_TPOT_measured(string group, double mostTtft, double mostTpot)
    {
        AssertError("h100-vllm-0.15", group, "mean_ttft_ms", mostTtft);
        AssertError("h100-vllm-0.15", group, "mean_tpot_ms", mostTpot);
        AssertError("h100-vllm-0.15", group, "mean_e2el_ms", mostTpot);
    }

    [SharedDataTheory("measured/requests/rtxpro6000_vllm0190")]
    [InlineData("mean_ttft_ms", 0.01)]
    [InlineData("mean_tpot_ms", 0.002)]
    [InlineData("mean_e2el_ms", 0.005)]
    public void The_log_of_vLLM_0_19_has_the_latencies_measured(string figure, double most) =>
        AssertError("rtxpro6000-vllm-0.19", "rtx-pro-6000 llama-3.1-8b", figure, most);

    [SharedDataTheory("measured/endtoend/B_mlenergy_steady_state_dev.csv")]
    [InlineData(AccuracyResult.Overall, 0.07)]
    public void Steady_states_have_the_ITL_measured(string group, double most) =>
        AssertError("mlenergy-vllm", group, "p50_itl_ms", most);

    private static void AssertError(string file, string group, string figure, double most)
    {
        AccuracyResult result = Results.GetOrAdd(file, name => new Lazy<AccuracyResult>(() => Scored(name))).Value;
        ErrorSummary summary = result.Summaries.Single(s => s.Group == group && s.Figure == figure);

        // Far below it, it is the limit that is out of date
        Assert.InRange(summary.MedianAbsoluteError!.Value, most / 4, most);
    }

    private static AccuracyResult Scored(string file)
    {
        string cases = Path.Combine(SharedData.Root, "configs", "accuracy", file + ".yaml");
        return AccuracyRun.Execute(
            AccuracyPlan.Read([cases], new AccuracyOptions(SharedData.Find("")!, [], true), Catalog.Default),
            new ParallelRuns(2, CancellationToken.None),
            () => { });
    }
}
