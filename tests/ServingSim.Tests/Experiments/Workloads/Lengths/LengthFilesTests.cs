using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Lengths;

public sealed class LengthFilesTests
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";

    [Theory]
    [InlineData("burstgpt-chatgpt-conversation", 652.7, 275.1, 0.299)]
    [InlineData("burstgpt-gpt4-conversation", 752.6, 254.2, 0.382)]
    [InlineData("burstgpt-conversation", 686.2, 268.1, 0.317)]
    [InlineData("burstgpt3-conversation", 953, 272, 0.438)]
    public void A_joint_table_keeps_the_means_and_the_correlation_of_its_rows(
        string name, double promptMean, double outputMean, double correlation)
    {
        RequestLengths[] drawn = Drawn(name, 50_000);

        Within(0.02, promptMean, drawn.Average(l => l.PromptTokens));
        Within(0.02, outputMean, drawn.Average(l => l.OutputTokens));
        Assert.InRange(Correlation(drawn), correlation - 0.03, correlation + 0.03);
    }

    [Fact]
    public void The_table_of_the_third_file_has_the_published_percentiles()
    {
        RequestLengths[] drawn = Drawn("burstgpt3-conversation", 100_000);
        int[] prompts = [.. drawn.Select(l => l.PromptTokens).Order()];
        int[] outputs = [.. drawn.Select(l => l.OutputTokens).Order()];

        foreach ((int percent, int prompt, int output) in new[] { (50, 517, 187), (90, 2354, 669), (99, 5630, 1067) })
        {
            Within(0.03, prompt, At(prompts, percent));
            Within(0.03, output, At(outputs, percent));
        }

        Assert.InRange(prompts[^1], 30_000, 71_197);
    }

    [SharedDataFact(FirstWeek)]
    public void Joint_tables_keep_the_means_percentiles_and_correlation_of_the_real_rows()
    {
        RequestLengths[] chatGpt = Real("ChatGPT");
        RequestLengths[] gpt4 = Real("GPT-4");
        Assert.Equal((11_680, 5_904), (chatGpt.Length, gpt4.Length));
        foreach ((string name, RequestLengths[] real) in new[]
        {
            ("burstgpt-chatgpt-conversation", chatGpt), ("burstgpt-gpt4-conversation", gpt4),
            ("burstgpt-conversation", [.. chatGpt, .. gpt4]),
        })
        {
            RequestLengths[] drawn = Drawn(name, 50_000);
            WithinOfReal([.. real.Select(l => l.PromptTokens)], [.. drawn.Select(l => l.PromptTokens)]);
            WithinOfReal([.. real.Select(l => l.OutputTokens)], [.. drawn.Select(l => l.OutputTokens)]);
            Assert.Equal(Correlation(real), Correlation(drawn), 0.02);
        }
    }

    [Theory]
    [InlineData("burstgpt-conversation-prompt", 686.2, 503)]
    [InlineData("burstgpt-conversation-output", 268.1, 240)]
    public void A_quantile_table_keeps_the_mean_and_median_of_its_rows(string name, double mean, double median)
    {
        QuantileTable table = LengthFiles.Quantiles(name);
        Assert.Empty(table.Problems());
        QuantileCurve curve = new(table.Probabilities, table.Tokens);

        Within(0.02, mean, Enumerable.Range(0, 10_000).Average(i => curve.At((i + 0.5) / 10_000)));
        Within(0.01, median, curve.At(0.5));
    }

    private static RequestLengths[] Drawn(string name, int count)
    {
        JointTable table = LengthFiles.Joint(name);
        Assert.Empty(table.Problems());
        JointTableLengths lengths = new(new(A.File(table)));
        RandomStreams streams = new(1);
        RequestLengths[] drawn = new RequestLengths[count];
        for (int i = 0; i < count; i++)
        {
            Draws prompt = streams.Stream("prompt-lengths").At(i);
            Draws output = streams.Stream("output-lengths").At(i);
            drawn[i] = lengths.Draw(ref prompt, ref output);
        }

        return drawn;
    }

    private static RequestLengths[] Real(string model)
    {
        using BurstGptTrace trace = BurstGptTrace.Open(new(SharedData.Find(FirstWeek)!, FirstWeek));
        List<RequestLengths> rows = [];
        while (trace.TryRead(out BurstGptRow row))
        {
            if (row.Model == model && row.LogType == "Conversation log" && row.OutputTokens > 0)
            {
                rows.Add(new RequestLengths(row.PromptTokens, row.OutputTokens));
            }
        }

        return [.. rows];
    }

    private static void WithinOfReal(int[] real, int[] drawn)
    {
        Array.Sort(real);
        Array.Sort(drawn);
        Within(0.015, real.Average(), drawn.Average());
        Within(0.03, At(real, 50), At(drawn, 50));
        Within(0.03, At(real, 90), At(drawn, 90));
        Within(0.04, At(real, 99), At(drawn, 99));
        Assert.True(drawn[^1] <= real[^1]);
    }

    private static int At(int[] sorted, int percent) => sorted[sorted.Length * percent / 100];

    private static void Within(double share, double expected, double actual) =>
        Assert.InRange(actual, expected * (1 - share), expected * (1 + share));

    private static double Correlation(RequestLengths[] lengths)
    {
        double prompt = lengths.Average(l => l.PromptTokens);
        double output = lengths.Average(l => l.OutputTokens);
        return lengths.Sum(l => (l.PromptTokens - prompt) * (l.OutputTokens - output))
            / Math.Sqrt(lengths.Sum(l => Math.Pow(l.PromptTokens - prompt, 2)))
            / Math.Sqrt(lengths.Sum(l => Math.Pow(l.OutputTokens - output, 2)));
    }
}
