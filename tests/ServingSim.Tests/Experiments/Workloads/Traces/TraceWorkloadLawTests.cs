using CsCheck;
using ServingSim.Cluster;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;
using static ServingSim.Tests.Experiments.Workloads.Traces.TemporaryCsv;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class TraceWorkloadLawTests
{
    private static readonly Gen<(int Gap, int Prompt, int Output, bool IsGpt4, bool IsApi)> GenRow = Gen.Select(
        Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[1, 5])), Gen.Int[0, 50], Gen.Int[0, 3], Gen.Bool, Gen.Bool,
        (gap, prompt, output, isGpt4, isApi) => (gap, prompt, Math.Min(prompt, output), isGpt4, isApi));

    /// <summary>Random files; the first row succeeds, so that every file can be replayed.</summary>
    private static readonly Gen<string[]> GenRows = GenRow.Array[0, 40].Select(rows =>
    {
        List<string> lines = [Row(7, 100, 1)];
        long second = 7;
        foreach ((int gap, int prompt, int output, bool isGpt4, bool isApi) in rows)
        {
            second += gap;
            lines.Add(Row(
                second, prompt, output, isGpt4 ? "GPT-4" : "ChatGPT", isApi ? "API log" : "Conversation log"));
        }

        return lines.ToArray();
    });

    [Fact]
    public void Every_row_is_counted_once_and_the_given_arrive_in_file_order() =>
        GenRows.Sample((string[] rows) =>
        {
            using TemporaryCsv file = Of(rows);
            (List<ClientRequest> taken, TraceCounts counts) = Taken(new(file.Path, Models: ["ChatGPT"]));
            string[][] fields = [.. rows.Select(r => r.Split(','))];
            string[][] ours = [.. fields.Where(f => f[1] == "ChatGPT")];
            long[] succeeded = [.. ours.Where(f => f[3] != "0").Select(f => long.Parse(f[2]))];

            Assert.Equal(
                new TraceCounts(
                    rows.Length, 0, rows.Length - ours.Length, ours.Count(f => f[3] == "0"),
                    ours.Count(f => f[2] == "0"), 0, succeeded.Length),
                counts);
            Assert.Equal(succeeded, taken.Select(r => (long)r.PromptTokens));
            Assert.Equal(taken.Select(r => r.Arrival).Order(), taken.Select(r => r.Arrival));
        });

    [Fact]
    public void Counts_add_up_also_under_windows_and_limits() =>
        Gen.Select(GenRows, Gen.Int[8, 60], Gen.Int[1, 60], Gen.Int[1, 30]).Sample((rows, to, duration, requests) =>
        {
            using TemporaryCsv file = Of(rows);
            (_, TraceCounts c) = Taken(
                new(file.Path, To: SimTime.FromSeconds(to)), limits: new(SimTime.FromSeconds(duration), requests));
            return c.RowsRead == c.OutsideWindow + c.FilteredOut + c.Failed + c.OverLimit + c.Given
                && c.FailedWithoutSize <= c.Failed && c.Given <= requests && c.OverLimit + c.OutsideWindow <= 1;
        });

    [Fact]
    public void Every_request_arrives_within_its_rows_second() =>
        Gen.Select(GenRows, Gen.Long).Sample((rows, seed) =>
        {
            using TemporaryCsv file = Of(rows);
            BurstGptOptions options = new(file.Path);
            return Taken(options, seed).Requests.Zip(Taken(options with { SpreadTies = false }, seed).Requests)
                .All(r => r.First.Arrival >= r.Second.Arrival
                    && r.First.Arrival < r.Second.Arrival + SimTime.FromSeconds(1));
        });

    [Fact]
    public void A_filter_changes_no_other_rows_time() =>
        Gen.Select(GenRows, Gen.Long).Sample((rows, seed) =>
        {
            using TemporaryCsv file = Of(rows);
            BurstGptOptions options = new(file.Path, From: SimTime.Zero);
            Assert.Equal(
                Taken(options, seed).Requests.Where(r => r.Labels["model"] == "ChatGPT").Select(r => r.Arrival),
                Taken(options with { Models = ["ChatGPT"] }, seed).Requests.Select(r => r.Arrival));
        });

    [Fact]
    public void The_time_scale_divides_every_arrival_to_the_tick() =>
        Gen.Select(GenRows, Gen.Int[1, 100]).Sample((rows, tenths) =>
        {
            using TemporaryCsv file = Of(rows);
            BurstGptOptions options = new(file.Path);
            Assert.Equal(
                Taken(options).Requests.Select(r => (long)Math.Round(r.Arrival.Ticks * 10m / tenths)),
                Taken(options with { TimeScale = tenths / 10.0 }).Requests.Select(r => r.Arrival.Ticks));
        });

    [Fact]
    public void The_same_seed_gives_the_same_requests() =>
        Gen.Select(GenRows, Gen.Long).Sample((rows, seed) =>
        {
            using TemporaryCsv file = Of(rows);
            return Facts(file, seed).SequenceEqual(Facts(file, seed))
                && !Facts(file, seed).SequenceEqual(Facts(file, unchecked(seed + 1)));
        });

    private static IEnumerable<(SimTime, int, string)> Facts(TemporaryCsv file, long seed) =>
        Taken(new(file.Path), seed).Requests.Select(r => (r.Arrival, r.PromptTokens, r.Labels.ToString()));

    private static (List<ClientRequest> Requests, TraceCounts Counts) Taken(
        BurstGptOptions options, long seed = 1, WorkloadLimits limits = default)
    {
        using TraceWorkload workload = new(options, Labels.None, new RandomStreams(seed), limits);
        return (workload.TakeAll(), workload.TraceCounts);
    }
}
