namespace ServingSim.Experiments.Reproducing;

/// <summary>A published number beside ours.</summary>
/// <param name="Published">What was published.</param>
/// <param name="Ours">Our number; null where the data do not tell it.</param>
/// <param name="Outcome">How the two compare.</param>
public sealed record ComparedNumber(PublishedNumber Published, OurNumber? Ours, ComparedOutcome Outcome)
{
    /// <summary>Ours / published - 1; null where one is not known, or the published one is 0.</summary>
    public double? Deviation => Ours?.Value / Published.Value - 1 is { } share && double.IsFinite(share) ? share : null;
}

/// <summary>How a published number and ours compare.</summary>
public enum ComparedOutcome
{
    /// <summary>Within the tolerance of the figure's file, or the number within our confidence interval.</summary>
    Within,

    /// <summary>Outside it, or the rows do not show what the number is of.</summary>
    Outside,

    /// <summary>The paper's number is not known.</summary>
    NotPublished,

    /// <summary>The rows that it is of are not there, or not all of their days.</summary>
    NoData,
}

/// <summary>A figure as it was reproduced, with what it was compared with.</summary>
/// <param name="Figure">What was to be reproduced.</param>
/// <param name="Made">What came out; null where data are missing.</param>
/// <param name="Compared">The published numbers beside ours.</param>
/// <param name="Verdict">Whether it was reproduced.</param>
/// <param name="Data">The sets of rows that it was made from.</param>
public sealed record Comparison(
    PackFigure Figure, ReproducedFigure? Made, IReadOnlyList<ComparedNumber> Compared, Verdict Verdict,
    IReadOnlyList<DataSet> Data)
{
    private const int MostNamed = 3;

    /// <summary>
    /// What a figure gives beside what was published; <paramref name="made"/> is null without rows. Pictures in which
    /// nothing could be drawn are left out.
    /// </summary>
    internal static Comparison Of(PackFigure figure, ReproducedFigure? made, PackData data)
    {
        made = made is null ? null : made with { Pictures = [.. made.Pictures.Where(p => p.Panels.Count > 0)] };
        DataSet[] sets = [.. figure.File.Needs.Select(data.Find).OfType<DataSet>()];
        Dictionary<string, OurNumber> ours = made?.Ours.ToDictionary(o => o.Number) ?? [];
        ComparedNumber[] compared =
        [
            .. figure.File.Published.Select(p => Compare(p, ours.GetValueOrDefault(p.Number), figure, data)),
            .. (made?.Ours ?? []).Where(o => figure.File.Published.All(p => p.Number != o.Number)).Select(
                o => new ComparedNumber(new PublishedNumber(o.Number, ""), o, ComparedOutcome.NotPublished)),
        ];
        return new Comparison(figure, made, compared, made?.Verdict ?? Judge(figure, compared, sets, data), sets);
    }

    private static ComparedNumber Compare(
        PublishedNumber published, OurNumber? ours, PackFigure figure, PackData data)
    {
        DataSet? set = data.Find(published.Data ?? figure.File.Needs[0]);
        ComparedOutcome outcome = published.Value is not { } value ? ComparedOutcome.NotPublished
            : set is not { IsWhole: true } ? ComparedOutcome.NoData
            : ours?.Value is not { } number
                ? ours is { IsAbsent: true } ? ComparedOutcome.Outside : ComparedOutcome.NoData
            : IsNear(published, value, number, set.IsGenerated)
                || (ours.Low <= value && value <= ours.High) ? ComparedOutcome.Within
            : ComparedOutcome.Outside;
        return new ComparedNumber(published, ours, outcome);
    }

    private static bool IsNear(PublishedNumber published, double value, double ours, bool isGenerated) =>
        Math.Abs(ours - value) <= Math.Max(
            published.Absolute,
            Math.Abs(Math.Max(published.Relative, isGenerated ? published.Generated ?? 0 : 0) * value));

    private static Verdict Judge(
        PackFigure figure, ComparedNumber[] compared, DataSet[] sets, PackData data)
    {
        ComparedNumber[] known = [.. compared.Where(c => c.Published.Value is not null)];
        ComparedNumber[] judged = [.. known.Where(c => c.Outcome is not ComparedOutcome.NoData)];
        ComparedNumber[] outside = [.. judged.Where(c => c.Outcome == ComparedOutcome.Outside)];
        if (sets.Length < figure.File.Needs.Count || (known.Length > 0 && judged.Length == 0))
        {
            return new Verdict(VerdictKind.DataMissing, Missing(figure, sets, data));
        }

        if (known.Length == 0)
        {
            return new Verdict(VerdictKind.NoPublishedNumber, "The original's numbers are not known.");
        }

        bool isGenerated = sets.Any(s => s.IsGenerated);
        int fitted = isGenerated ? judged.Count(c => c.Published.Fitted) : 0;
        string end = (fitted == 0 ? "" : $" The model that made the rows was fitted on {fitted} of them.")
            + (judged.Length == known.Length ? ""
                : $" {known.Length - judged.Length} more need rows that are not there.");
        bool isReproduced = outside.Length <= (isGenerated ? (1 - figure.File.GeneratedShare) * judged.Length : 0);
        string found = outside.Length == 0
            ? $"All {judged.Length} numbers that these rows tell are within their tolerances."
            : isReproduced
            ? $"{judged.Length - outside.Length} of {judged.Length} numbers are within their tolerances, as chance "
                + $"allows generated rows; not so {Named(outside)}."
            : $"{outside.Length} of {judged.Length} numbers are outside their tolerances: {Named(outside)}.";
        bool isMostMissing = 2 * judged.Length < known.Length;
        return new Verdict(
            !isReproduced ? VerdictKind.Differs : isMostMissing ? VerdictKind.DataMissing : VerdictKind.Reproduced,
            found + end + (isReproduced && isMostMissing ? " That is fewer than half." : ""));
    }

    private static string Named(ComparedNumber[] outside) =>
        string.Join("; ", outside.Take(MostNamed).Select(o => o.Published.Number))
        + (outside.Length > MostNamed ? $"; and {outside.Length - MostNamed} more" : "");

    private static string Missing(PackFigure figure, DataSet[] sets, PackData data) =>
        sets.FirstOrDefault(s => !s.IsWhole) is { } part
            ? $"{part.Origin} has {part.DaysGiven} of the {part.DaysWanted} days of {part.Section.Title}."
            : sets.Length < figure.File.Needs.Count
            ? "No row is given of "
                + $"{string.Join(", ", figure.File.Needs.Except(sets.Select(s => s.Name)).Select(data.TitleOf))}."
            : $"{sets[0].Origin} has no row of what the published numbers are of.";
}
