using ServingSim.Cluster;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

public sealed class OutputPredictorTests : IDisposable
{
    private const string Lengths = """
        prompt_tokens: { name: lognormal, median_tokens: 50, sigma: 1, max_tokens: 900 }
            output_tokens: { name: lognormal, median_tokens: 50, sigma: 1, max_tokens: 900 }
        """;

    private const string ClosedLoop =
        $"    source: {{ name: closed-loop, concurrency: 3, think_time: 1s }}\n    {Lengths}\n";

    private readonly WorkloadRun _run = new();

    /// <summary>Every source of requests, as it stands below the key <c>workload</c>.</summary>
    public static TheoryData<string> Sources() =>
    [
        $"    source: synthetic\n    arrivals: {{ name: poisson, rate_per_s: 1 }}\n    {Lengths}\n",
        ClosedLoop,
        $"    source: sessions\n    arrivals: {{ name: poisson, rate_per_s: 1 }}\n    {Lengths}\n",
        $"    source: {{ name: trace, path: {CommandRun.Trace("sample-burstgpt.csv")} }}\n",
    ];

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData(1, 10, 10)]
    [InlineData(0.5, 10, 5)]
    [InlineData(0.5, 3, 2)]
    [InlineData(2, 7, 14)]
    [InlineData(0.1, 3, 1)]
    [InlineData(1000, int.MaxValue, int.MaxValue)]
    public void Without_error_a_prediction_is_the_length_times_the_bias(double bias, int output, int predicted)
    {
        OutputPredictor predictor = new(new PredictionOptions(0, bias), new RandomStreams(1));
        Assert.Equal(predicted, predictor.Predict(output, 3));
        Assert.Equal(predicted, predictor.Predict(output, 3, 4));
    }

    [Fact]
    public void An_error_multiplies_the_length_by_the_exponential_of_a_normal_draw_of_the_requests_own()
    {
        Draws draws = new RandomStreams(7).Stream("prediction-errors").At(3);
        double z = draws.NextNormal();
        OutputPredictor predictor = new(new PredictionOptions(0.5, 2), new RandomStreams(7));
        Assert.Equal((int)Math.Round(200 * Math.Exp(0.5 * z)), predictor.Predict(100, 3));
        Assert.NotEqual(predictor.Predict(100, 3), predictor.Predict(100, 4));
        Assert.NotEqual(predictor.Predict(100, 3, 1), predictor.Predict(100, 3, 2));
        Assert.NotEqual(predictor.Predict(100, 3, 1), predictor.Predict(100, 4, 1));
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(1.5, 0.8)]
    public void The_logarithm_of_the_ratio_has_the_error_for_deviation_and_the_logarithm_of_the_bias_for_mean(
        double error, double bias)
    {
        const int Length = 1_000_000;
        const int Draws = 40_000;
        OutputPredictor predictor = new(new PredictionOptions(error, bias), new RandomStreams(1));
        double[] logs =
            [.. Enumerable.Range(0, Draws).Select(i => Math.Log(predictor.Predict(Length, i) / (double)Length))];
        double mean = logs.Average();
        double deviation = Math.Sqrt(logs.Average(l => (l - mean) * (l - mean)));

        // Four standard errors
        double standardError = error / Math.Sqrt(Draws);
        Assert.InRange(mean, Math.Log(bias) - (4 * standardError), Math.Log(bias) + (4 * standardError));
        Assert.InRange(deviation, error - (2.9 * standardError), error + (2.9 * standardError));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_source_predicts_where_it_is_told_to_and_draws_all_else_alike(string source)
    {
        List<ClientRequest> plain = Requests(source);
        List<ClientRequest> exact = Requests(source + "    prediction: {}\n");
        List<ClientRequest> rough = Requests(source + "    prediction: { error: 0.5 }\n");

        Assert.All(plain, r => Assert.Null(r.PredictedOutputTokens));
        Assert.All(exact, r => Assert.Equal(r.Output.Tokens, r.PredictedOutputTokens));
        Assert.InRange(rough.Count(r => r.PredictedOutputTokens == r.Output.Tokens), 0, rough.Count / 2);
        Assert.Equal(plain.Select(Drawn), exact.Select(Drawn));
        Assert.Equal(plain.Select(Drawn), rough.Select(Drawn));

        static (SimTime, int, int) Drawn(ClientRequest r) => (r.Arrival, r.PromptTokens, r.Output.Tokens);
    }

    /// <summary>What a client asks does not depend on how fast others are served, nor does what is predicted.</summary>
    [Fact]
    public void Predictions_of_a_closed_loop_belong_to_clients_and_their_turns()
    {
        const string Source = ClosedLoop + "    prediction: { error: 0.5 }\n";
        var inTurn = Requests(Source).ToDictionary(r => (r.PromptTokens, r.Output.Tokens));
        List<ClientRequest> oneClient = Requests(Source, answerLastFirst: true);

        // Clients that take turns have 20 each; else two of them have one each, and the third has all others
        Assert.Equal(
            Enumerable.Range(0, 22), oneClient.FindAll(r => inTurn.ContainsKey((r.PromptTokens, r.Output.Tokens)))
                .Select(r => (int)r.Id));
        Assert.All(oneClient.Take(22), r => Assert.Equal(
            inTurn[(r.PromptTokens, r.Output.Tokens)].PredictedOutputTokens, r.PredictedOutputTokens));
        Assert.NotEqual(inTurn.Values.Take(22).Select(r => r.Id), oneClient.Take(22).Select(r =>
            inTurn[(r.PromptTokens, r.Output.Tokens)].Id));
    }

    [Fact]
    public void Each_part_of_a_mix_has_its_own_prediction()
    {
        string part = "      - { source: { name: closed-loop, concurrency: 1 }, "
            + "prompt_tokens: { name: constant, tokens: 9 }, output_tokens: { name: constant, tokens: 10 }";
        List<ClientRequest> requests = Requests(
            $"    source:\n     name: mix\n     parts:\n{part} }}\n{part}, prediction: {{ bias: 0.5 }} }}\n"
            + $"{part}, prediction: {{ bias: 2 }} }}\n");
        Assert.Equal([null, 5, 20], requests.Take(3).Select(r => r.PredictedOutputTokens));
    }

    /// <summary>One request runs at a time, and all arrive together.</summary>
    [Theory]
    [InlineData("shortest-first", "by: predicted_output_tokens", new[] { 1, 3, 2, 0 })]
    [InlineData("longest-first", "by: predicted_output_tokens", new[] { 0, 2, 3, 1 })]
    [InlineData("shortest-first", "by: predicted_total_tokens", new[] { 0, 3, 1, 2 })]
    [InlineData("longest-first", "by: prompt_tokens", new[] { 2, 1, 3, 0 })]
    public void An_order_by_exact_predictions_is_that_of_the_true_lengths(string policy, string by, int[] order)
    {
        _run.File(
            "t.csv", "arrival_s,prompt_tokens,output_tokens", "0,10,40", "0,70,5", "0,90,20", "0,50,12");
        _run.Run(
            "  source: { name: plain-trace, path: t.csv }\n  prediction: { error: 0 }",
            $"cluster.pools.main.engine.policy={{ name: {policy}, {by} }}",
            "cluster.pools.main.engine.max_num_seqs=1");
        double[] ttft = [.. _run.Rows("ttft_s").Select(double.Parse)];
        Assert.Equal(order, Enumerable.Range(0, 4).OrderBy(i => ttft[i]));
        Assert.Contains("error: 0", _run.Understood());
    }

    /// <summary>The first requests of a workload, each answered after a second.</summary>
    private static List<ClientRequest> Requests(string workload, bool answerLastFirst = false)
    {
        LoadedScenario loaded = LoadedScenario.Parse(
            $"schema: 1\nname: a\nrequests: 60\nworkload:\n{workload}cluster:\n  pools:\n    main: "
            + "{ gpu: h100-sxm, model: llama-3.1-8b, latency: roofline }\n",
            "s.yaml",
            [],
            Catalog.Default);
        using IWorkload source = WorkloadContext.Create(loaded.Scenario, "s.yaml");
        List<ClientRequest> taken = [];
        List<ClientRequest> open = [];
        while (source.NextArrival is not null || open.Count > 0)
        {
            if (source.NextArrival is not null)
            {
                taken.Add(source.Take());
                open.Add(taken[^1]);
                continue;
            }

            SimTime now = taken[^1].Arrival + SimTime.FromSeconds(1);
            ClientRequest answered = answerLastFirst ? open[^1] : open[0];
            open.Remove(answered);
            source.OnFinished(answered, ClientOutcome.Completed, now, answered.Output.Tokens);
        }

        return taken;
    }
}
