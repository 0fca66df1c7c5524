using ServingSim.Cluster;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;
using static ServingSim.Tests.Experiments.Workloads.Traces.TemporaryCsv;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class TraceInfoTests
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";
    private const string Third = "burstgpt/BurstGPT_3_first400rows_shortsid.csv";

    [Fact]
    public void A_small_file_is_described_exactly()
    {
        using TemporaryCsv file = Of(
            Row(59, 10, 1), Row(60, 20, 3), Row(60, 0, 0), Row(61, 9, 0), Row(61, 7, 7, "GPT-4", "API log"),
            Row(3600, 0, 0, "GPT-4"));

        TraceInfo info = TraceInfo.Read(file.Path.FullPath);

        Assert.Equal(
            (6L, 59.0, 3600.0, true, 2L, 3L, 2L, false),
            (info.Rows, info.FirstS, info.LastS, info.IsSorted, info.Ties, info.Failed,
                info.FailedWithoutSize, info.HasSessions));
        Assert.Equal(new FileInfo(file.Path.FullPath).Length, info.Bytes);
        Assert.Equal(new BusiestSpan(60, 2), info.BusiestSecond);
        Assert.Equal(new BusiestSpan(60, 4), info.BusiestMinute);
        Assert.Equal(new BusiestSpan(0, 5), info.BusiestHour);
        Assert.Equal(
            [
                new("ChatGPT", "Conversation log", null, 4, 2, 1, new(15, 15, 19, 19.9, 20), new(2, 2, 2.8, 2.98, 3)),
                new("GPT-4", "API log", null, 1, 0, 0, new(7, 7, 7, 7, 7), new(7, 7, 7, 7, 7)),
                new("GPT-4", "Conversation log", null, 1, 1, 1, null, null),
            ],
            info.Classes);
    }

    [Fact]
    public void Rows_out_of_order_are_told_and_have_no_busiest_time()
    {
        using TemporaryCsv file = Of(Row(9, 1, 1), Row(5, 1, 1), Row(9, 1, 1));

        TraceInfo info = TraceInfo.Read(file.Path.FullPath);

        Assert.Equal((false, 5.0, 9.0, 0L), (info.IsSorted, info.FirstS, info.LastS, info.Ties));
        Assert.Null(info.BusiestSecond);
        Assert.Null(info.BusiestMinute);
        Assert.Null(info.BusiestHour);
    }

    [Fact]
    public void Failed_rows_have_no_part_in_the_ideal_hit_rate()
    {
        // The failed row would be the first of the second one's blocks, and hit itself where it comes again
        using TemporaryCsv file = new(string.Concat(
            Mooncake(output: 0, "1, 2"), Mooncake(output: 1, "1, 2"), Mooncake(output: 0, "1, 2"),
            Mooncake(output: 1, "1, 3")));

        // Of the 40 tokens of two prompts, the first block of the last one
        Assert.Equal(0.25, TraceInfo.Read(file.Path.FullPath, blockTokens: 10).IdealHitRate);

        static string Mooncake(int output, string ids) =>
            $$"""{"timestamp": 0, "input_length": 20, "output_length": {{output}}, "hash_ids": [{{ids}}]}""" + "\n";
    }

    [Fact]
    public void A_file_without_rows_is_refused()
    {
        using TemporaryCsv file = Of();

        Assert.Throws<TraceException>(() => TraceInfo.Read(file.Path.FullPath));
    }

    [SharedDataFact(FirstWeek)]
    public void The_first_week_of_BurstGPT_is_as_published()
    {
        TraceInfo info = TraceInfo.Read(SharedData.Find(FirstWeek)!);

        Assert.Equal((19_431L, 1_538L, 1_535L), (info.Rows, info.Failed, info.FailedWithoutSize));
        Assert.Equal((5.0, 604_758.0, true, 496L), (info.FirstS, info.LastS, info.IsSorted, info.Ties));
        Assert.Equal(new BusiestSpan(41_549, 3), info.BusiestSecond);
        Assert.Equal(new BusiestSpan(9_242 * 60, 50), info.BusiestMinute);
        Assert.Equal(new BusiestSpan(154 * 3600, 477), info.BusiestHour);
        Assert.Equal(
            [
                ("ChatGPT", "API log", 279L, 2L), ("ChatGPT", "Conversation log", 12_566, 886),
                ("GPT-4", "API log", 32, 0), ("GPT-4", "Conversation log", 6_554, 650),
            ],
            info.Classes.Select(c => (c.Model, c.LogType, c.Rows, c.Failed)));
        AssertTokens(652.7, 480.5, 1603, 1986, 2049, info.Classes[1].PromptTokens!);
        AssertTokens(275.1, 243, 558, 992, 2048, info.Classes[1].OutputTokens!);
        AssertTokens(752.6, 547, 1782, 2819, 5087, info.Classes[3].PromptTokens!);
        AssertTokens(254.2, 235, 495, 767, 1569, info.Classes[3].OutputTokens!);
    }

    [SharedDataFact(FirstWeek)]
    public void Replaying_the_first_week_gives_every_row_that_succeeded()
    {
        using TraceWorkload workload = new(
            new BurstGptOptions(new(SharedData.Find(FirstWeek)!, FirstWeek)), Labels.None, new RandomStreams(1),
            default);
        List<ClientRequest> taken = workload.TakeAll();

        Assert.Equal(17_893, taken.Count);
        Assert.Equal(new TraceCounts(19_431, 0, 0, 1_538, 1_535, 0, 17_893), workload.TraceCounts);
        Assert.Equal(taken.Select(r => r.Arrival).Order(), taken.Select(r => r.Arrival));
    }

    [SharedDataFact(Third)]
    public void Rows_with_sessions_are_read_by_name()
    {
        TraceInfo info = TraceInfo.Read(SharedData.Find(Third)!);

        Assert.Equal((true, 400L, 19_440_110.0, 1L), (info.HasSessions, info.Rows, info.FirstS, info.Failed));
    }

    [Theory]
    [InlineData("sample-burstgpt.csv", 240, 18, false)]
    [InlineData("sample-burstgpt-sessions.csv", 60, 6, true)]
    public void The_samples_of_this_repository_are_read(string name, long rows, long failed, bool hasSessions)
    {
        TraceInfo info = TraceInfo.Read(Path.Combine(SharedData.Root, "traces", name));

        Assert.Equal((rows, failed, hasSessions, true), (info.Rows, info.Failed, info.HasSessions, info.IsSorted));
    }

    private static void AssertTokens(double mean, double p50, double p90, double p99, int max, TokenStatistics actual)
    {
        Assert.Equal(mean, actual.Mean, 0.05);
        Assert.Equal((p50, p90, p99, max), (actual.P50, Math.Round(actual.P90), Math.Round(actual.P99), actual.Max));
    }
}
