using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>
/// A day of a trace for a larger service: each row stands for as many clients as it takes, who come at uniform instants
/// of the minute around it, and the day passes faster.
/// </summary>
internal static class ScaledDay
{
    private const double SecondsPerDay = 86_400;
    private const double SecondsPerMinute = 60;

    /// <summary>Longer prompts are cut, so that none is beyond a model's 4,096 tokens.</summary>
    private const int MostPromptTokens = 3072;

    private const int MostOutputTokens = 1023;

    /// <summary>The rows of a day that succeeded, in order of time from 0 s on.</summary>
    /// <param name="rows">Rows of a trace.</param>
    /// <param name="day">The day, counted from the axis' day 0.</param>
    /// <param name="copies">Clients for each row.</param>
    /// <param name="speed">By what times are divided.</param>
    /// <param name="seed">Of the instants; a single copy stays where its row is.</param>
    internal static IReadOnlyList<RequestRow> Of(ServiceRows rows, int day, int copies, double speed, long seed)
    {
        ServiceRows of = rows.Between(day * SecondsPerDay, (day + 1) * SecondsPerDay);
        RandomStream instants = new RandomStreams(seed).Stream("copies");
        List<RequestRow> made = [];
        for (int i = 0; i < of.Count; i++)
        {
            if (of.Outputs[i] == 0)
            {
                continue;
            }

            for (int copy = 0; copy < copies; copy++)
            {
                Draws draws = instants.At(i, copy);
                double jitter = copies == 1 ? 0 : (draws.NextUnit() - 0.5) * SecondsPerMinute;
                double at = Math.Clamp(of.Times[i] - (day * SecondsPerDay) + jitter, 0, SecondsPerDay - 1e-3);
                made.Add(new RequestRow(
                    at / speed, Math.Min(of.Prompts[i], MostPromptTokens), Math.Min(of.Outputs[i], MostOutputTokens)));
            }
        }

        return [.. made.OrderBy(r => r.AtS)];
    }

    /// <summary>The seed of a day's instants: other for another day, and for another seed of the scenario.</summary>
    internal static long SeedOf(LoadedScenario scenario, int day) => unchecked(scenario.Scenario.Seed - 1 + day);

    /// <summary>How many clients a row stands for so that days of this mean size come nearest to a rate.</summary>
    internal static int Copies(double rowsPerDay, double speed, double ratePerS) =>
        Math.Max(1, (int)Math.Round(ratePerS / (rowsPerDay * speed / SecondsPerDay)));

    /// <summary>
    /// Days of a trace whose numbers of rows are nearest to the median, in order of time; none without an answered row.
    /// </summary>
    internal static IReadOnlyList<int> Typical(ServiceRows rows, int firstDay, int days, int count)
    {
        (int Day, ServiceRows Rows)[] all =
        [
            .. Enumerable.Range(firstDay, days).Select(d => (
                d, rows.Between(d * SecondsPerDay, (d + 1) * SecondsPerDay))),
        ];
        int median = all.Select(d => d.Rows.Count).Order().ElementAt(all.Length / 2);
        return
        [
            .. all.Where(d => d.Rows.Outputs.Any(o => o > 0)).OrderBy(d => Math.Abs(d.Rows.Count - median))
                .ThenBy(d => d.Day).Take(count).Select(d => d.Day).Order(),
        ];
    }
}
