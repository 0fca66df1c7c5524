using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Options of <c>disaggregation</c>.</summary>
/// <param name="Scenario">Eight GPUs in the pools prefill and decode, whose number of replicas can change.</param>
/// <param name="Days">How many days of the trace: those whose number of requests is nearest to the median.</param>
/// <param name="RatePerS">The mean rate of a day, or the nearest to it that whole copies of rows make.</param>
/// <param name="Speed">How much faster than the trace a day passes.</param>
/// <param name="Windows">In how many windows of a day the ratio can change.</param>
/// <param name="BeamWidth">Beginnings that the search keeps.</param>
/// <param name="SwitchS">For how long the search takes a replica that changes its role for lost, in seconds.</param>
public sealed record DisaggregationOptions(
    FilePath Scenario, int Days = 8, double RatePerS = 13, double Speed = 52, int Windows = 24, int BeamWidth = 3,
    double SwitchS = 5) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        (string Name, double Value, double Least)[] numbers =
        [
            (nameof(Days), Days, 2), (nameof(Windows), Windows, 1), (nameof(BeamWidth), BeamWidth, 1),
            (nameof(SwitchS), SwitchS, 0),
        ];
        foreach ((string name, double value, double least) in numbers.Where(n => !(n.Value >= n.Least)))
        {
            yield return (name, $"found {value}, expected at least {least}");
        }

        foreach ((string name, double value) in new[] { (nameof(RatePerS), RatePerS), (nameof(Speed), Speed) })
        {
            if (!(value is > 0 and <= 1e6))
            {
                yield return (name, $"found {value}, expected more than 0 and at most 1e6");
            }
        }
    }
}

/// <summary>What a search saw and chose on one day.</summary>
/// <param name="Requests">Requests of each window.</param>
/// <param name="Good">Those within their SLO, by window and number of prefill replicas from 1 on.</param>
/// <param name="Chosen">Prefill replicas in each window.</param>
internal sealed record SearchedDay(
    IReadOnlyList<int> Requests, IReadOnlyList<IReadOnlyList<double>> Good, IReadOnlyList<int> Chosen);

/// <summary>
/// Eight replicas that prefill or decode, in fixed ratios, in ratios that a search chose for each hour of a day, and
/// all doing both. The search reads a table of simulations: each window alone, from an empty cluster, in each ratio.
/// What it chose then serves the whole day in one simulation: at each border replicas finish what they have, change
/// their role and go on, and what waits is carried over.
/// </summary>
/// <param name="Figures">By way of choosing the ratio; a replication is a day.</param>
/// <param name="Days">What was searched on each day.</param>
internal sealed record DisaggregationDemo(PairedFigures Figures, IReadOnlyList<SearchedDay> Days)
{
    /// <summary>The ratio that the search chose for each window, knowing the day.</summary>
    internal const string Searched = "searched";

    /// <summary>What the search chose for the day before in the list of days, of the first for the last.</summary>
    internal const string DayBefore = "another day's";

    /// <summary>All replicas do both.</summary>
    internal const string Mixed = "8 mixed";

    /// <summary>Replicas of both roles together.</summary>
    internal const int Replicas = 8;

    private const double SecondsPerDay = 86_400;
    private const double LookEveryS = 1;

    /// <summary>What tables call a fixed ratio.</summary>
    internal static string NameOf(int prefill) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefill}:{Replicas - prefill}");

    /// <summary>Runs it.</summary>
    /// <param name="rows">The rows of all services.</param>
    /// <param name="firstDay">The first day that they may be taken from.</param>
    /// <param name="daysGiven">How many days from there on have rows.</param>
    /// <param name="scenario">Reads the scenario with settings laid over it.</param>
    /// <param name="options">How large it is.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    internal static DisaggregationDemo Run(
        ServiceRows rows, int firstDay, int daysGiven, Func<IReadOnlyList<string>, LoadedScenario> scenario,
        DisaggregationOptions options, ParallelRuns parallel)
    {
        IReadOnlyList<int> days = ScaledDay.Typical(rows, firstDay, daysGiven, options.Days);
        double mean = days.Average(d => rows.Between(d * SecondsPerDay, (d + 1) * SecondsPerDay).Count);
        int copies = ScaledDay.Copies(mean, options.Speed, options.RatePerS);
        LoadedScenario changing = scenario([]);
        IReadOnlyList<RequestRow>[] scaled =
            [.. days.Select(d => ScaledDay.Of(rows, d, copies, options.Speed, ScaledDay.SeedOf(changing, d)))];
        LoadedScenario[] ratios = [.. Enumerable.Range(1, Replicas - 1).Select(p => scenario(Fixed(p)))];
        SearchedDay[] searched = Search(scaled, ratios, options, parallel);
        LoadedScenario mixed = scenario(
        [
            .. Fixed(Replicas / 2), "cluster.disaggregation=~", "cluster.pools.prefill.role=mixed",
            "cluster.pools.decode.role=mixed",
        ]);
        (string Name, int Day, LoadedScenario Scenario)[] runs =
        [
            .. from day in Enumerable.Range(0, days.Count)
               from way in Ways(day)
               select (way.Name, day, way.Scenario),
        ];
        IReadOnlyList<RunFigures> results = parallel.Map(runs.Length, i => RunFigures.Of(Replications.RunOf(
            RowsWorkload.Replay(runs[i].Scenario, scaled[runs[i].Day]), 0, parallel.Cancellation).Summary));
        PairedFigures figures = new("ratio");
        foreach (((string name, _, _), RunFigures result) in runs.Zip(results))
        {
            foreach (string figure in (string[])
                ["attainment", "request_goodput", "p50_ttft_ms", "p99_ttft_ms", "p50_tpot_ms", "p99_tpot_ms"])
            {
                figures.Add(figure, result[figure], name);
            }
        }

        return new DisaggregationDemo(figures, searched);

        IEnumerable<(string Name, LoadedScenario Scenario)> Ways(int day)
        {
            double windowS = SecondsPerDay / options.Speed / options.Windows;
            yield return (Searched, Changing(changing, searched[day].Chosen, windowS));
            int before = day == 0 ? days.Count - 1 : day - 1;
            yield return (DayBefore, Changing(changing, searched[before].Chosen, windowS));
            foreach ((int i, LoadedScenario ratio) in ratios.Index())
            {
                yield return (NameOf(i + 1), ratio);
            }

            yield return (Mixed, mixed);
        }
    }

    /// <summary>Prefill replicas in each window; those that change their role serve nothing for a while.</summary>
    /// <param name="good">Requests within their SLO, by window and number of prefill replicas from 1 on.</param>
    /// <param name="requests">Requests of each window.</param>
    /// <param name="windowS">The length of a window, in seconds.</param>
    /// <param name="options">What a change costs, and how wide the search is.</param>
    internal static IReadOnlyList<int> Choose(
        IReadOnlyList<IReadOnlyList<double>> good, IReadOnlyList<int> requests, double windowS,
        DisaggregationOptions options)
    {
        double share = options.SwitchS / windowS / Replicas;
        IReadOnlyList<int> best = BeamSearch.Best(
            good, (window, from, to) => Math.Abs(to - from) * share * requests[window], options.BeamWidth);
        return [.. best.Select(b => b + 1)];
    }

    /// <summary>Settings for a ratio that does not change.</summary>
    private static string[] Fixed(int prefill) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"cluster.pools.prefill.replicas={prefill}"),
        string.Create(CultureInfo.InvariantCulture, $"cluster.pools.decode.replicas={Replicas - prefill}"),
        "cluster.pools.prefill.scaling=~",
        "cluster.pools.decode.scaling=~",
    ];

    /// <summary>Each day: every window from an empty cluster in every ratio, and what was chosen.</summary>
    private static SearchedDay[] Search(
        IReadOnlyList<RequestRow>[] days, LoadedScenario[] ratios, DisaggregationOptions options, ParallelRuns parallel)
    {
        double windowS = SecondsPerDay / options.Speed / options.Windows;
        IReadOnlyList<RequestRow>[][] windows = [.. days.Select(d => Windows(d, windowS, options.Windows))];
        int perDay = options.Windows * ratios.Length;
        IReadOnlyList<double> good = parallel.Map(days.Length * perDay, i =>
        {
            IReadOnlyList<RequestRow> window = windows[i / perDay][i % perDay / ratios.Length];
            LoadedScenario ratio = ratios[i % ratios.Length];
            return window.Count == 0 ? 0 : (double)(Replications.RunOf(
                RowsWorkload.Replay(ratio, window), 0, parallel.Cancellation).Summary.Overall.Good ?? 0);
        });
        return
        [
            .. windows.Select((day, d) =>
            {
                int[] requests = [.. day.Select(w => w.Count)];
                double[][] table =
                [
                    .. Enumerable.Range(0, options.Windows).Select(w => good
                        .Skip((d * perDay) + (w * ratios.Length)).Take(ratios.Length).ToArray()),
                ];
                return new SearchedDay(requests, table, Choose(table, requests, windowS, options));
            }),
        ];
    }

    private static IReadOnlyList<RequestRow>[] Windows(IReadOnlyList<RequestRow> day, double windowS, int count) =>
    [
        .. Enumerable.Range(0, count).Select(w => (IReadOnlyList<RequestRow>)
        [
            .. day.Where(r => (int)(r.AtS / windowS) == w).Select(r => r with { AtS = r.AtS - (w * windowS) }),
        ]),
    ];

    /// <summary>
    /// A scenario whose pools have so many replicas in each window. They look every second, because a replica can start
    /// only when one of the other pool has finished what it had.
    /// </summary>
    private static LoadedScenario Changing(LoadedScenario scenario, IReadOnlyList<int> prefill, double windowS)
    {
        return scenario.With(s => s with
        {
            Cluster = s.Cluster with
            {
                Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(pool =>
                {
                    int[] counts =
                        [.. prefill.Select(p => pool.Key == "prefill" ? p : Replicas - p)];
                    return KeyValuePair.Create(pool.Key, (object?)(pool.Value with
                    {
                        Replicas = counts[0],
                        Scaling = pool.Value.Scaling! with { Autoscaler = Schedules.Of(counts, windowS, LookEveryS) },
                    }));
                })),
            },
        });
    }
}
