using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// Max goodput (DistServe, OSDI'24): the greatest rate of arrivals at which enough requests are within their SLO.
/// </summary>
public static class GoodputSearch
{
    /// <summary>Where the curve is looked at beside the points of the search, as multiples of its answer.</summary>
    private static readonly double[] CurveFactors = [0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5];

    private const double FewestRequests = 20;

    /// <summary>Searches; throws what is wrong with the scenario.</summary>
    /// <param name="scenario">What is run, at factor 1 of its own arrivals.</param>
    /// <param name="target">The share of requests within their SLO.</param>
    /// <param name="tolerance">The ratio of the least rate known to fail to the answer, less 1.</param>
    /// <param name="catalog">The parts of scenarios.</param>
    /// <param name="parallel">How many run at a time.</param>
    /// <param name="progress">Hears of each run that has ended; from several threads.</param>
    public static Goodput Run(
        LoadedScenario scenario, double target, double tolerance, Catalog catalog, ParallelRuns parallel,
        Action? progress = null)
    {
        AttainmentGoals.Check(scenario);
        ReplicationsSection section = scenario.Scenario.Replications;
        AttainmentGoals goals = new([AttainmentGoal.Of(target)], section.Confidence);
        Trials trials = new(goals, section.Count, parallel, progress);
        LoadChange load = new(catalog);
        _ = load.Times(scenario, 2);
        WorkloadProfile profile = WorkloadProfile.Of(scenario, catalog, parallel);
        double ratePerS = profile.RatePerS!.Value;

        // A run of some length has too few requests at a low rate, in the end none
        double floor = scenario.Scenario is { Requests: null, Duration: not null }
            ? FewestRequests / (ratePerS * profile.SpanS)
            : 0;
        GoodputPoint PointAt(double factor) => GoodputPoint.Of(
            factor, ratePerS, load.Times(scenario, factor), trials, section.Count);
        RateSearch search = RateSearch.Run(factor => PointAt(factor).Meets, tolerance, floor: floor);
        double middle = search.Greatest ?? search.Least;
        double[] curve = search.Greatest is null || search.IsUnbounded ? [] : CurveFactors;
        return new Goodput(
            scenario, target, tolerance, search.Greatest, search.IsUnbounded,
            [.. search.Tried.Concat(curve.Select(c => c * middle)).Distinct().Order().Select(PointAt)])
        {
            Runs = trials.Runs,
        };
    }
}

/// <summary>What the search for the max goodput found.</summary>
/// <param name="Scenario">What was run.</param>
/// <param name="Target">The share of requests within their SLO that was asked for.</param>
/// <param name="Tolerance">How far, as a share, the answer may lie below the greatest rate.</param>
/// <param name="Factor">The answer as a multiple of the scenario's own rate; null if no rate tried met.</param>
/// <param name="IsUnbounded">Whether no rate tried failed, so that the answer is only the greatest tried.</param>
/// <param name="Points">All rates tried, ascending.</param>
public sealed record Goodput(
    LoadedScenario Scenario, double Target, double Tolerance, double? Factor, bool IsUnbounded,
    IReadOnlyList<GoodputPoint> Points)
{
    /// <summary>Simulations made.</summary>
    public required int Runs { get; init; }

    /// <summary>The point of the answer.</summary>
    public GoodputPoint? Answer => Factor is { } factor ? Points.First(p => p.Factor == factor) : null;

    /// <summary>
    /// Neighbours of which the one with more arrivals has more within the SLO, or meets where the other does not: the
    /// answer is then one of several.
    /// </summary>
    public IReadOnlyList<(GoodputPoint Lower, GoodputPoint Higher)> Rises =>
    [
        .. Points.Zip(Points.Skip(1)).Where(p => p.First.IsBelow(p.Second)),
    ];
}

/// <summary>One rate.</summary>
/// <param name="Factor">As a multiple of the scenario's own.</param>
/// <param name="RatePerS">Requests per second.</param>
/// <param name="Trials">Its replications.</param>
/// <param name="Attainment">The share within the SLO; its half-width is that of the one-sided interval.</param>
/// <param name="Meets">Whether the lower end reaches the target.</param>
/// <param name="Trend">How the queue grew, if it did all the time; null if it did not.</param>
public sealed record GoodputPoint(
    double Factor, double RatePerS, IReadOnlyList<Trial> Trials, Estimate? Attainment, bool Meets, QueueTrend? Trend)
{
    /// <summary>The lower end of the interval, which decides.</summary>
    public double? Low => Attainment is { } e ? Math.Max(0, e.Low ?? e.Mean) : null;

    /// <summary>The mean of a figure over the replications.</summary>
    public double? Mean(string figure) => Estimate.Of(Trials.Select(t => t.Figure(figure)), 0.5)?.Mean;

    /// <summary>The point of one rate, run if it has not been.</summary>
    internal static GoodputPoint Of(
        double factor, double ratePerS, LoadedScenario scenario, Trials trials, int replications)
    {
        TrialKey key = new(0, 0, factor.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        trials.Complete([(key, scenario)]);
        IReadOnlyList<Trial> done = trials.Of(key);
        if (done.FirstOrDefault(t => t.Problem is not null)?.Problem is { } problem)
        {
            throw scenario.Error("", problem);
        }

        return new GoodputPoint(
            factor, factor * ratePerS, done, trials.Goals.Of(AttainmentGoal.Overall, done),
            trials.Goals.Decide(done, replications)!.Value,
            QueueTrend.Of([.. done.Select(t => t.Run!)]));
    }

    /// <summary>Whether a higher rate does better than this one, by more than the noise of the pairs.</summary>
    internal bool IsBelow(GoodputPoint higher) =>
        (!Meets && higher.Meets)
        || Estimate.Of(
            higher.Trials.Zip(Trials, (h, l) => h.Figure(AttainmentGoal.Overall) - l.Figure(AttainmentGoal.Overall)),
            0.99) is { Mean: > 0, IsBeyondNoise: true };
}
