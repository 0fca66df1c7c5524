using System.Globalization;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// Why the searched ratio is not better than the best fixed one, where it is not: what the search's own table promises
/// of it, and what of that is left when the day is one simulation.
/// </summary>
/// <param name="demo">What was searched and what came of it.</param>
internal sealed class DisaggregationReasons(DisaggregationDemo demo)
{
    private const double Confidence = 0.95;

    /// <summary>Two ratios are alike in a window that differ by no larger share of its requests.</summary>
    private const double Alike = 0.01;

    /// <summary>A window in which no ratio gets that share within the SLO is taken for overloaded.</summary>
    private const double Enough = 0.9;

    /// <summary>Why it does not gain, where it does not gain beyond noise.</summary>
    /// <param name="prefill">Prefill replicas of the best fixed ratio.</param>
    internal string Why(int prefill)
    {
        string best = DisaggregationDemo.NameOf(prefill);
        (int Requests, IReadOnlyList<double> Good)[] windows = [.. Windows()];
        int alike = windows.Count(w => w.Good[prefill - 1] >= w.Good.Max() - (Alike * w.Requests));
        double?[] promised = [.. demo.Days.Select(d => Attained(d, w => d.Chosen[w]) - Attained(d, _ => prefill))];
        Estimate? gain = demo.Figures.Difference("attainment", [DisaggregationDemo.Searched], [best]);
        if (Estimate.Of(promised, Confidence) is not { } promise || gain is not { } got)
        {
            return "";
        }

        string told = $"Why: {best} is as good as any ratio, to {100 * Alike:0} % of the requests, in {alike} of "
            + $"{windows.Length} windows taken alone, so that the load of a window "
            + (4 * alike >= 3 * windows.Length ? "seldom changes" : "often changes") + " which ratio is best. By these "
            + $"windows what the search chose has {Cells.Interval(promise, 100)} points more";
        return told + (promise.Mean <= (got.HalfWidth ?? 0) || promise.Mean <= 0
            ? $", too few to be seen over days that differ by ± {Cells.Number(100 * (got.HalfWidth ?? 0), 1)}."
            : got.Mean >= promise.Mean / 2
            ? $", and on the day {Cells.Interval(got, 100)}: {got.Runs} days are too few to be sure of that."
            : $"; when the day is one simulation {Cells.Interval(got, 100)} are left. {Losses(best, prefill)}");
    }

    /// <summary>That the cluster is overloaded, where it is for a quarter of the requests; null elsewhere.</summary>
    internal string? Overload()
    {
        (int Requests, IReadOnlyList<double> Good)[] windows = [.. Windows()];
        (int Requests, IReadOnlyList<double> Good)[] over =
            [.. windows.Where(w => w.Good.Max() < Enough * w.Requests)];
        double share = (double)over.Sum(w => (long)w.Requests) / Math.Max(1, windows.Sum(w => (long)w.Requests));
        return share < 0.25 ? null
            : $"The cluster is overloaded: in {over.Length.ToString(CultureInfo.InvariantCulture)} of {windows.Length} "
                + $"windows, with {Cells.Number(100 * share, 0)} % of the requests, no ratio has {100 * Enough:0} % of "
                + "them within the SLO even from an empty cluster. What is compared is then which way fails less, not "
                + "which serves well.";
    }

    /// <summary>The windows with requests, of all days.</summary>
    private IEnumerable<(int Requests, IReadOnlyList<double> Good)> Windows() =>
        demo.Days.SelectMany(d => d.Requests.Zip(d.Good)).Where(w => w.First > 0);

    /// <summary>What fixed and searched ratio lose from windows taken alone to the day as one simulation.</summary>
    private string Losses(string best, int prefill)
    {
        double changes = demo.Days.Average(d => d.Chosen.Zip(d.Chosen.Skip(1), (a, b) => Math.Abs(b - a)).Sum());
        return $"From the one to the other {best} loses {Lost(best, d => Attained(d, _ => prefill))} points, the "
            + $"searched ratio {Lost(DisaggregationDemo.Searched, d => Attained(d, w => d.Chosen[w]))}: "
            + $"{Cells.Number(changes, 1)} replicas a day change their roles, each only when it has finished what it "
            + "had, and what waits is carried into windows that the search thought of as empty.";

        string Lost(string way, Func<SearchedDay, double?> table) => Cells.Number(
            100 * demo.Days.Zip(demo.Figures.Values("attainment", way), (d, day) => table(d) - day).Average() ?? 0, 1);
    }

    /// <summary>The share within the SLO of a day whose windows are each taken alone, in a ratio for each.</summary>
    private static double? Attained(SearchedDay day, Func<int, int> prefill)
    {
        int requests = day.Requests.Sum();
        return requests == 0 ? null : day.Good.Select((good, w) => good[prefill(w) - 1]).Sum() / requests;
    }
}
