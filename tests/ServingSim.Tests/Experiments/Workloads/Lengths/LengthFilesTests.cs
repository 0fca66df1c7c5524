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
    public void A_joint_table_keeps_the_means_and_the_correlation_of_its_rows(
        string name, double promptMean, double outputMean, double correlation)
    {
        RequestLengths[] drawn = Drawn(name, 50_000);

        Within(0.02, promptMean, drawn.Average(l => l.PromptTokens));
        Within(0.02, outputMean, drawn.Average(l => l.OutputTokens));
        Assert.InRange(Correlation(drawn), correlation - 0.03, correlation + 0.03);
    }

    [SharedDataFact(FirstWeek)]
    public void Joint_tables_keep_the_percentiles_of_the_real_rows()
    {
        TraceInfo real = TraceInfo.Read(SharedData.Find(FirstWeek)!);
        foreach ((string name, string model) in
            new[] { ("burstgpt-chatgpt-conversation", "ChatGPT"), ("burstgpt-gpt4-conversation", "GPT-4") })
        {
            TraceClass rows = real.Classes.Single(c => c.Model == model && c.LogType == "Conversation log");
            RequestLengths[] drawn = Drawn(name, 50_000);
            WithinOfReal(rows.PromptTokens!, [.. drawn.Select(l => l.PromptTokens)]);
            WithinOfReal(rows.OutputTokens!, [.. drawn.Select(l => l.OutputTokens)]);
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

    private static void WithinOfReal(TokenStatistics real, int[] drawn)
    {
        Array.Sort(drawn);
        Within(0.03, real.P50, drawn[drawn.Length / 2]);
        Within(0.03, real.P90, drawn[drawn.Length * 9 / 10]);
        Within(0.04, real.P99, drawn[drawn.Length * 99 / 100]);
        Assert.True(drawn[^1] <= real.Max);
    }

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
