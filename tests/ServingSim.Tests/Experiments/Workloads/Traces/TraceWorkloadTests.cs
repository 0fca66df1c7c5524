using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;
using static ServingSim.Tests.Experiments.Workloads.Traces.TemporaryCsv;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class TraceWorkloadTests
{
    [Fact]
    public void Time_starts_at_the_first_row_where_no_window_is_set()
    {
        using TemporaryCsv file = Of(Row(19_440_110, 10, 1), Row(19_440_161, 20, 2));

        Assert.Equal([0, 51], Seconds(Taken(new(file.Path, SpreadTies: false))));
    }

    [Fact]
    public void A_window_keeps_from_and_not_to_and_starts_time_at_from()
    {
        using TemporaryCsv file = Of(Row(5, 1, 1), Row(10, 2, 1), Row(19, 3, 1), Row(20, 4, 1), Row(30, 5, 1));
        BurstGptOptions options = new(file.Path, S(8), S(20), SpreadTies: false);

        (List<ClientRequest> taken, TraceCounts counts) = Taken(options);

        Assert.Equal([2, 11], Seconds((taken, counts)));
        Assert.Equal([2, 3], taken.Select(r => r.PromptTokens));

        // Reading stops at the first row past the window
        Assert.Equal(new TraceCounts(4, 2, 0, 0, 0, 0, 2), counts);
    }

    [Fact]
    public void Requests_carry_their_row_and_the_scenarios_labels_which_win()
    {
        using TemporaryCsv file = Of(Row(0, 10, 3), Row(1, 20, 4, "GPT-4", "API log"));
        using TraceWorkload workload = new(
            new BurstGptOptions(file.Path), new([new("tenant", "campus"), new("log_type", "mine")]),
            new RandomStreams(1), default);
        List<ClientRequest> taken = workload.TakeAll();

        Assert.Equal([0, 1], taken.Select(r => r.Id));
        Assert.Equal([10, 20], taken.Select(r => r.PromptTokens));
        Assert.Equal([3, 4], taken.Select(r => r.Output.Tokens));
        Assert.Equal(TokenStream.OwnOf(1), taken[1].Prompt.Segments[0].Stream);
        Assert.Equal("log_type=mine;model=GPT-4;tenant=campus", taken[1].Labels.ToString());
    }

    [Theory]
    [InlineData("conversation", 2)]
    [InlineData("Conversation log", 2)]
    [InlineData("api", 1)]
    [InlineData("API log", 1)]
    public void Log_types_are_chosen_by_their_short_or_full_name(string name, int rows)
    {
        using TemporaryCsv file = Of(Row(0, 1, 1), Row(1, 1, 1, type: "API log"), Row(2, 1, 1, "GPT-4"));

        (List<ClientRequest> taken, TraceCounts counts) = Taken(new(file.Path, LogTypes: [name]));

        Assert.Equal(rows, taken.Count);
        Assert.Equal(3 - rows, counts.FilteredOut);
    }

    [Fact]
    public void Failed_rows_are_counted_and_never_given()
    {
        using TemporaryCsv file = Of(Row(0, 0, 0), Row(0, 7, 0), Row(0, 5, 1), Row(3, 0, 0, "GPT-4"), Row(4, 0, 0));

        (List<ClientRequest> taken, TraceCounts counts) = Taken(new(file.Path, Models: ["ChatGPT"]));

        Assert.Equal(5, Assert.Single(taken).PromptTokens);
        Assert.Equal(new TraceCounts(5, 0, 1, 3, 2, 0, 1), counts);
    }

    [Fact]
    public void Ties_that_are_not_spread_stay_ties_in_file_order()
    {
        using TemporaryCsv file = Of(Row(4, 1, 1), Row(5, 2, 1), Row(5, 3, 1), Row(5, 4, 1));

        (List<ClientRequest> taken, TraceCounts counts) = Taken(new(file.Path, SpreadTies: false));

        Assert.Equal([0, 1, 1, 1], Seconds((taken, counts)));
        Assert.Equal([1, 2, 3, 4], taken.Select(r => r.PromptTokens));
    }

    [Fact]
    public void Spread_ties_get_the_seconds_uniform_draws_in_ascending_order()
    {
        using TemporaryCsv file = Of(Row(4, 1, 1), Row(5, 2, 1), Row(5, 3, 1), Row(5, 4, 1));
        long Tie(long second, int place)
        {
            Draws draws = new RandomStreams(1).Stream("trace-ties").At(second, place);
            return (long)(draws.NextUnit() * SimTime.TicksPerSecond);
        }

        long[] expected =
        [
            Tie(4, 0), .. new[] { Tie(5, 0), Tie(5, 1), Tie(5, 2) }.Order().Select(t => SimTime.TicksPerSecond + t),
        ];

        (List<ClientRequest> taken, _) = Taken(new(file.Path));

        Assert.Equal(expected, taken.Select(r => r.Arrival.Ticks));
        Assert.Equal([1, 2, 3, 4], taken.Select(r => r.PromptTokens));
    }

    [Fact]
    public void Limits_end_the_trace_in_simulated_time()
    {
        using TemporaryCsv file = Of(Row(0, 1, 1), Row(10, 2, 1), Row(20, 3, 1), Row(30, 4, 1));
        BurstGptOptions options = new(file.Path, TimeScale: 2, SpreadTies: false);

        Assert.Equal([0, 5], Seconds(Taken(options, new(Duration: S(10)))));
        Assert.Equal([0, 5, 10], Seconds(Taken(options, new(Requests: 3))));
        Assert.Equal(new TraceCounts(3, 0, 0, 0, 0, 1, 2), Taken(options, new(Duration: S(10))).Counts);
        Assert.Equal(new TraceCounts(4, 0, 0, 0, 0, 1, 3), Taken(options, new(Requests: 3)).Counts);
    }

    [Fact]
    public void Rows_out_of_order_are_refused()
    {
        using TemporaryCsv file = Of(Row(5, 1, 1), Row(9, 1, 1), Row(8, 1, 1));

        Assert.Equal(
            "./trace.csv:4: 'Timestamp' is 8 after 9; expected rows in order of time",
            Assert.Throws<TraceException>(() => Taken(new(file.Path))).Message);
    }

    [Fact]
    public void A_trace_that_gives_no_request_is_refused()
    {
        using TemporaryCsv header = Of();
        using TemporaryCsv failed = Of(Row(5, 0, 0));

        Assert.Contains(
            "holds no row", Assert.Throws<TraceException>(() => Taken(new(header.Path))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "no row becomes a request: of 1 read, 0 outside the window, 0 filtered out, 1 failed",
            Assert.Throws<TraceException>(() => Taken(new(failed.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scale_that_leaves_the_clock_names_the_row()
    {
        using TemporaryCsv file = Of(Row(0, 1, 1), Row(90_000_000, 1, 1));

        Assert.Equal(3, Assert.Throws<TraceException>(() => Taken(new(file.Path, TimeScale: 0.5))).Line);
    }

    [Fact]
    public void Options_out_of_range_are_problems()
    {
        FilePath csv = new("/a.csv", "a.csv");

        Assert.Empty(new BurstGptOptions(csv, S(1), S(2), ["GPT-4"], ["api", "Conversation log"], 0.5).Problems());
        Assert.Equal(
            ["From", "To", "TimeScale", "Models", "LogTypes"],
            new BurstGptOptions(csv, S(-1), S(-1), [], [], double.NaN).Problems().Select(p => p.Parameter));
    }

    [Fact]
    public void Models_and_log_types_may_have_any_name_that_a_file_gives_them()
    {
        using TemporaryCsv file = Of(Row(0, 7, 1, "unknown", "unknown"), Row(1, 8, 1, "unknown"), Row(2, 9, 1));

        Assert.Equal(
            [7],
            Taken(new(file.Path, Models: ["unknown"], LogTypes: ["unknown"])).Requests.Select(r => r.PromptTokens));
    }

    [Theory]
    [InlineData("GPT4", "api", "; model 'GPT4' (did you mean 'GPT-4'?); known: ChatGPT, GPT-4")]
    [InlineData("GPT-4", "chat", "; log type 'chat'; known: API log, Conversation log")]
    [InlineData("ChatGPT", "api", "")]
    public void A_name_that_no_row_has_is_told_with_those_there_are(string model, string logType, string end)
    {
        using TemporaryCsv file = Of(Row(0, 1, 1), Row(1, 1, 1, "GPT-4", "API log"), Row(2, 1, 1));

        Assert.Equal(
            "./trace.csv: no row is of the models and log types asked for" + end,
            Assert.Throws<TraceException>(
                () => Taken(new(file.Path, Models: [model], LogTypes: [logType]))).Message);
    }

    private static SimTime S(double seconds) => SimTime.FromSeconds(seconds);

    private static double[] Seconds((List<ClientRequest> Requests, TraceCounts) taken) =>
        [.. taken.Requests.Select(r => r.Arrival.TotalSeconds)];

    private static (List<ClientRequest> Requests, TraceCounts Counts) Taken(
        BurstGptOptions options, WorkloadLimits limits = default)
    {
        using TraceWorkload workload = new(options, Labels.None, new RandomStreams(1), limits);
        return (workload.TakeAll(), workload.TraceCounts);
    }
}
