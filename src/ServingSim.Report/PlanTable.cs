using System.Globalization;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>What a plan found, as a person reads it.</summary>
public static class PlanTable
{
    private const int MostOthers = 12;

    private const string Legend =
        """
         in SLO: the mean share of all requests; low: the lower end of its interval
         bound: fewer replicas cannot do, whatever they do; M/G/c: what that queue would need
         one less, one more: the lower end with a replica less or more; N+1: holds with one down
         load up to: greatest multiple of the load that it meets the SLO under, within 5 %, up to 8
         one less binds: what limits it, by the busiest tenth of the time (running, waiting a replica)
         prefill share: what a step of the running decodes alone leaves of p99 TPOT

        """;

    /// <summary>The answer as plain text of at most this many columns.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="band">The same with fast, predicted and slow steps; null where it was not asked for.</param>
    /// <param name="columns">The greatest width.</param>
    public static string Text(PlanResult result, Banded<PlanResult>? band = null, int columns = 100)
    {
        List<IRenderable> parts = [new Text($" {VerdictOf(result)}\n"), new Text(QuestionOf(result))];
        IReadOnlyList<PlannedFleet> fleets = result.Fleets.Count > 0 ? result.Fleets
            : result.Closest is { } closest ? [closest]
            : [];
        if (fleets.Count > 0)
        {
            parts.AddRange(fleets.Select((f, i) => new Text($" {i + 1}: {NameOf(f)}")));
            parts.Add(Fleets(fleets, result.Goals));
            if (result.Goals.Goals.Count > 1)
            {
                parts.Add(Labels(fleets, result.Goals));
            }

            parts.AddRange(fleets.SelectMany((fleet, i) => NotesOf(fleet, i, result.Goals.Confidence)));
            parts.Add(Bounds(fleets, result));
            parts.Add(Binding(fleets));
            parts.Add(new Text(Legend));
        }

        if (band is not null)
        {
            parts.Add(Band(band));
        }

        if (result.Sensitivities.Count > 0)
        {
            parts.Add(new Text($" If the load differs, {NameOf(result.Fleets[0])}:\n"));
            parts.Add(Sensitivities(result));
        }

        parts.AddRange(Others(result));
        parts.AddRange(result.Surprises.Select(s => new Text($" note: not monotone: {s}\n")));
        parts.Add(new Text(
            $" {result.Runs:N0} simulations, {result.SearchRuns:N0} of them to find the fleets; every count of every "
            + $"candidate would take {result.ExhaustiveRuns:N0}\n prices per GPU hour: {result.Plan.PricesFrom}\n"));
        return PlainText.Of(new Rows(parts), columns);
    }

    private static string VerdictOf(PlanResult result)
    {
        if (result.Fleets.Count > 0)
        {
            PlannedFleet best = result.Fleets[0];
            return $"The cheapest fleet that meets the SLO: {NameOf(best)}, {best.Gpus:N0} GPUs, "
                + $"{Numbers.Digits(best.CostPerHour)} per hour";
        }

        if (result.Closest is not { } closest)
        {
            return "No fleet meets the SLO: no candidate can be built and run, or none is within the budget";
        }

        string binds = closest.Binds is { } b ? $"; what binds: {PlanCsv.TextOf(b.Kind)}" : "";
        // What is below the plan's least number of replicas may meet it
        int from = result.Plan.Candidates.Replicas.From;
        string none = closest.Replicas < from
            ? $"No fleet of at least {from:N0} replicas within the budget meets the SLO"
            : "No fleet meets the SLO";
        return $"{none}. Nearest is {NameOf(closest)}: "
            + $"{Numbers.Percent(LowOf(closest.Trials, result.Goals))} within the SLO{binds}";
    }

    private static string QuestionOf(PlanResult result)
    {
        string goals = string.Join(", ", result.Goals.Goals.Select(g =>
            $"{Numbers.Percent(g.Target)} of {g.Name}"));
        string load = result.Profile is not { } p ? ""
            : $" {(p.RatePerS is { } perS ? $"{Numbers.Digits(perS)} requests/s" : "requests")} of "
                + $"{Numbers.Digits(p.PromptTokens)} prompt and "
                + $"{Numbers.Digits(p.OutputTokens)} output tokens;\n";
        return load + $" goal: {goals} within the SLO,\n at the lower end of a one-sided "
            + $"{100 * result.Goals.Confidence:0.##} % interval over {result.Plan.Replications} replications\n";
    }

    private static Table Fleets(IReadOnlyList<PlannedFleet> fleets, AttainmentGoals goals)
    {
        var table = TextTable.Headed(
            "fleet", "GPUs", "cost/h", "in SLO", "low", "p99 TTFT", "p99 TPOT", "cost/M out", "cost/M all", "front");
        foreach ((int index, PlannedFleet fleet) in fleets.Index())
        {
            TextTable.AddRow(
                table, NumberOf(index), Numbers.Whole(fleet.Gpus), Numbers.Digits(fleet.CostPerHour),
                Numbers.Percent(fleet.Mean(AttainmentGoal.Overall)), Numbers.Percent(LowOf(fleet.Trials, goals)),
                Numbers.Digits(fleet.Mean("p99_ttft_ms")), Numbers.Digits(fleet.Mean("p99_tpot_ms")),
                Numbers.Digits(fleet.CostPerMillionOutputTokens), Numbers.Digits(fleet.CostPerMillionTokens),
                fleet.IsOnFront ? "yes" : "");
        }

        return table;
    }

    private static Table Band(Banded<PlanResult> band)
    {
        var table = TextTable.Headed("band of step times", "cheapest fleet", "GPUs", "cost/h");
        foreach ((string name, PlanResult result) in band.Runs)
        {
            PlannedFleet? best = result.Fleets.Count > 0 ? result.Fleets[0] : null;
            TextTable.AddRow(
                table, name, best is null ? "none" : NameOf(best), Numbers.Whole(best?.Gpus),
                Numbers.Digits(best?.CostPerHour));
        }

        return table;
    }

    private static IEnumerable<Text> NotesOf(PlannedFleet fleet, int index, double confidence)
    {
        string?[] notes =
        [
            AllWithin.NoteOf([.. fleet.Trials.Select(t => t.Run?.Figures).OfType<RunFigures>()], confidence),
            fleet.Trend?.Note,
            fleet.HeadroomTrend is { } trend && fleet.Trend is null ? $"at its greatest load {trend.Note}" : null,
        ];
        return notes.OfType<string>().Select(note => new Text($" note: fleet {NumberOf(index)}: {note}\n"));
    }

    private static Table Labels(IReadOnlyList<PlannedFleet> fleets, AttainmentGoals goals)
    {
        var table = TextTable.Headed("low of", [.. fleets.Select((_, i) => NumberOf(i))]);
        foreach (AttainmentGoal goal in goals.Goals)
        {
            TextTable.AddRow(
                table, [goal.Name, .. fleets.Select(f => Numbers.Percent(goals.LowOf(goal.Figure, f.Trials)))]);
        }

        return table;
    }

    private static Table Bounds(IReadOnlyList<PlannedFleet> fleets, PlanResult result)
    {
        var table = TextTable.Headed(
            "fleet", "bound", "M/G/c", "simulated", "/ bound", "one less", "one more", "N+1 cost/h", "load up to",
            "goodput/s");
        foreach ((int index, PlannedFleet fleet) in fleets.Index())
        {
            bool isMet = result.Fleets.Count > 0;
            TextTable.AddRow(
                table, NumberOf(index), Numbers.Whole(fleet.Bounds.Least), Numbers.Whole(fleet.Bounds.Estimate),
                Numbers.Whole(fleet.Replicas),
                Numbers.Digits(fleet.Bounds.Least > 1 ? (double)fleet.Replicas / fleet.Bounds.Least : null),
                Numbers.Percent(LowOf(fleet.OneLess, result.Goals)),
                Numbers.Percent(LowOf(fleet.OneMore, result.Goals)),
                isMet ? Numbers.Digits(fleet.Candidate.CostOf(fleet.Replicas + 1)) : Numbers.Undefined,
                fleet.Headroom is { } headroom ? $"x {Numbers.Digits(headroom)}" : Numbers.Undefined,
                Numbers.Digits(fleet.Goodput));
        }

        return table;
    }

    private static Table Binding(IReadOnlyList<PlannedFleet> fleets)
    {
        var table = TextTable.Headed(
            "fleet", "one less binds", "running", "of at most", "waiting", "KV used",
            "prefill share");
        foreach ((int index, PlannedFleet fleet) in fleets.Index().Where(f => f.Item.Binds is not null))
        {
            BindingConstraint binds = fleet.Binds!;
            TextTable.AddRow(
                table, NumberOf(index), PlanCsv.TextOf(binds.Kind), Numbers.Digits(binds.Running),
                Numbers.Whole(binds.MaxNumSeqs), Numbers.Digits(binds.Waiting), Numbers.Percent(binds.KvUsage),
                Numbers.Percent(binds.PrefillShare));
        }

        return table;
    }

    private static Table Sensitivities(PlanResult result)
    {
        Candidate candidate = result.Fleets[0].Candidate;
        var table = TextTable.Headed("load", "in SLO", "low", "holds", "replicas needed", "cost/h");
        foreach (Sensitivity s in result.Sensitivities)
        {
            TextTable.AddRow(
                table, s.Load, Numbers.Percent(result.Goals.Of(AttainmentGoal.Overall, s.Trials)?.Mean),
                Numbers.Percent(LowOf(s.Trials, result.Goals)),
                s.Meets switch { true => "yes", false => "no", _ => "cannot be tried" }, Numbers.Whole(s.Replicas),
                Numbers.Digits(s.Replicas is { } n ? candidate.CostOf(n) : null));
        }

        return table;
    }

    private static IEnumerable<IRenderable> Others(PlanResult result)
    {
        string[] others =
        [
            .. result.Candidates.Where(c => !result.Fleets.Any(f => f.Candidate == c.Candidate))
                .GroupBy(c => c.Kind == OutcomeKind.Meets
                    ? $"meets the SLO with {c.Replicas} replicas, no cheaper than these"
                    : c.Reason)
                .Select(g => g.Count() == 1 ? $" {g.Single().Candidate.Name}: {g.Key}"
                    : $" {g.Count():N0} candidates, such as {g.First().Candidate.Name}: {g.Key}"),
        ];
        string[] more = others.Length > MostOthers
            ? [$" ... and {others.Length - MostOthers:N0} more lines like these, in plan.csv"]
            : [];
        return [.. others.Take(MostOthers).Concat(more).Append("").Select(line => new Text(line))];
    }

    private static string NumberOf(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string NameOf(PlannedFleet fleet) => $"{fleet.Replicas:N0} x {fleet.Candidate.Name}";

    private static double? LowOf(IReadOnlyList<Trial> trials, AttainmentGoals goals) =>
        goals.LowOf(AttainmentGoal.Overall, trials);
}
