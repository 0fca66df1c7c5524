using ServingSim.Cluster;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Sessions;

/// <summary>
/// The conversations of multi-turn.yaml against what is published of BurstGPT_3's: 55,920 sessions, 177,697 gaps.
/// Answers take 25.7 ms a token, which gives the published mean of 7.0 s from question to answer.
/// </summary>
public sealed class SessionDistributionsTests
{
    private const int Sessions = 20_000;
    private const double AnswerSecondsPerToken = 0.0257;

    private static readonly Lazy<IReadOnlyList<Turn[]>> Drawn = new(Draw);

    [Fact]
    public void Turn_counts_have_the_published_quantiles_shares_and_mean()
    {
        double[] turns = Sorted(Drawn.Value.Select(s => (double)s.Length));
        Assert.Equal([2, 4, 9], new[] { 0.5, 0.75, 0.9 }.Select(p => At(turns, p)));
        Assert.InRange(At(turns, 0.99), 29, 33);
        Within(0.03, 4.18, turns.Average());
        double[] shares = [.355, .204, .119, .076, .051, .037, .028, .021, .018, .013];
        Assert.All(shares.Index(), s => Assert.Equal(s.Item, turns.Count(t => t == s.Index + 1) / 20_000.0, 0.005));

        // The longest of 55,920 has 436; a geometric tail of that mean and 99th percentile knows none of it
        Assert.InRange(turns[^1], 60, 200);
    }

    [Fact]
    public void Gaps_have_the_published_quantiles_shares_and_moments()
    {
        double[] gaps = Gaps();
        Quantiles(gaps, 0.05, (0.1, 20), (0.25, 42), (0.5, 131), (0.75, 533), (0.9, 2340));
        Quantiles(gaps, 0.15, (0.99, 78_903));
        Assert.Equal(0.327, Below(gaps, 60), 0.01);
        Assert.Equal(0.660, Below(gaps, 300), 0.01);
        Assert.Equal(0.924, Below(gaps, 3600), 0.005);
        Assert.Equal(5.18, gaps.Average(g => Math.Log(g)), 0.05);
        Within(0.06, 1.96, Deviation(gaps.Select(g => Math.Log(g))));

        // Of the greatest gap in a thousand comes a third of the mean: a draw of 64,000 is no nearer
        Within(0.1, 5_709, gaps.Average());
        Within(0.15, 13.2, Deviation(gaps) / gaps.Average());
    }

    [Fact]
    public void Think_times_are_near_those_of_a_slice_of_the_data()
    {
        // 400 rows, whose gaps differ from all the data's as their think times do from ours: 10 % are below 18 s
        double[] thinkTimes = Sorted(Pairs().Select(p => p.Next.Start - p.Turn.Start - p.Turn.AnswerSeconds));
        Assert.True(thinkTimes[0] > -1e-6);
        Quantiles(thinkTimes, 0.45, (0.1, 18), (0.25, 40), (0.5, 116), (0.75, 377));
    }

    [Fact]
    public void Prompts_grow_and_shrink_as_published()
    {
        Within(0.1, 170, Drawn.Value.Average(s => s[0].Prompt));
        Within(0.1, 1_199, Drawn.Value.SelectMany(s => s.Skip(1)).Average(t => t.Prompt));
        double[] prompts = Sorted(Drawn.Value.SelectMany(s => s).Select(t => (double)t.Prompt));
        Within(0.1, 953, prompts.Average());
        Quantiles(prompts, 0.12, (0.5, 517), (0.9, 2_354), (0.99, 5_630));

        double[] growth = Sorted(Pairs().Select(p => (double)p.Next.Prompt - p.Turn.Prompt));
        Within(0.15, 187, growth.Average());
        Quantiles(growth, 0.15, (0.1, -124), (0.9, 642));
        Assert.Equal(0.15, Below(growth, 0), 0.03);

        // Published: 125. Answers are drawn alike for all turns here, and are shorter in long conversations there
        Assert.InRange(At(growth, 0.5), 125, 200);
    }

    [Fact]
    public void Answers_and_later_turns_are_as_many_as_published()
    {
        double[] outputs = Sorted(Drawn.Value.SelectMany(s => s).Select(t => (double)t.Output));
        Within(0.02, 272, outputs.Average());
        Quantiles(outputs, 0.02, (0.5, 187), (0.9, 669), (0.99, 1_067));
        Assert.Equal(0.761, Pairs().Count() / (double)outputs.Length, 0.01);
    }

    private static double[] Gaps() => Sorted(Pairs().Select(p => p.Next.Start - p.Turn.Start));

    private static IEnumerable<(Turn Turn, Turn Next)> Pairs() => Drawn.Value.SelectMany(s => s.Zip(s.Skip(1)));

    private static void Quantiles(double[] sorted, double share, params (double Probability, double Expected)[] all) =>
        Assert.All(all, q => Within(share, q.Expected, At(sorted, q.Probability)));

    private static void Within(double share, double expected, double actual) =>
        Assert.True(
            Math.Abs(actual - expected) <= share * Math.Abs(expected),
            $"expected {expected} ± {share:P0}, is {actual}");

    private static double Below(double[] values, double limit) => values.Count(v => v < limit) / (double)values.Length;

    private static double Deviation(IEnumerable<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static double At(double[] sorted, double probability) => sorted[(int)(probability * sorted.Length)];

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private static List<Turn[]> Draw()
    {
        LoadedScenario loaded = LoadedScenario.Read(
            Path.Combine(SharedData.Root, "configs", "scenarios", "multi-turn.yaml"), [], Catalog.Default);
        WorkloadSection part = ((MixOptions)loaded.Scenario.Workload.Source.Options!).Parts[0];
        RandomStreams streams = new(1);
        using SessionsWorkload workload = new(
            (SessionsOptions)part.Source.Options!,
            new FirstSessions(),
            new IndependentLengths(part.PromptTokens!.Create(streams), part.OutputTokens!.Create(streams)),
            Labels.None,
            streams,
            new WorkloadLimits(Duration: FirstSessions.End));
        Dictionary<string, List<Turn>> sessions = [];
        while (workload.NextArrival is not null)
        {
            ClientRequest request = workload.Take();
            string session = request.Labels["session"]!;
            double start = request.Arrival.TotalSeconds;
            int output = request.Output.Tokens;
            List<Turn> turns = sessions.TryGetValue(session, out List<Turn>? known) ? known : sessions[session] = [];
            turns.Add(new Turn(start, request.PromptTokens, output));
            SimTime end = request.Arrival + SimTime.FromSeconds(turns[^1].AnswerSeconds);
            workload.OnFinished(request, ClientOutcome.Completed, end, output);
        }

        Assert.Equal(Sessions, sessions.Count);
        return [.. sessions.Values.Select(s => s.ToArray())];
    }

    private sealed record Turn(double Start, int Prompt, int Output)
    {
        internal double AnswerSeconds => Output * AnswerSecondsPerToken;
    }

    /// <summary>Sessions that start a second apart, and time enough for their last turns.</summary>
    private sealed class FirstSessions : IArrivals
    {
        internal static readonly SimTime End = SimTime.FromSeconds(900 * 86_400);

        public SimTime NextAfter(SimTime previous, long index) =>
            index < Sessions ? SimTime.FromSeconds(index) : End;
    }
}
