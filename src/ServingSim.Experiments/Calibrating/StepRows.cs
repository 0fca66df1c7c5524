using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Calibrating;

/// <summary>What fits of whole steps ask of rows.</summary>
internal static class StepRows
{
    private const int FewestRows = 5;

    /// <summary>Why no steps can be fitted to rows; null where they can.</summary>
    internal static string? Missing(IReadOnlyList<MeasuredRow> rows)
    {
        List<StepObservation> steps = [.. StepObservations.Of(rows).Select(o => o.Step)];
        bool isMean = rows.Any(row => row.Shape == MeasuredShape.Requests);
        return rows.Count < FewestRows ? $"found {rows.Count} rows, expected at least {FewestRows}"
            : steps.Exists(s => s.Ms <= 0) ? "found a step of 0 ms, expected more"
            : isMean ? null
            : !steps.Exists(s => s.OnlyDecodes) ? "found no step that only decodes, expected some"
            : null;
    }

    /// <summary>The steps of some of the rows.</summary>
    internal static List<StepObservation> Of(IReadOnlyList<MeasuredRow> all, IReadOnlySet<MeasuredRow> some) =>
        [.. StepObservations.Of(all).Where(o => some.Contains(o.Row)).Select(o => o.Step)];

    /// <summary>The steps that rows tell of; null for means, whose single steps are not known.</summary>
    internal static StepRange? RangeOf(IReadOnlyList<MeasuredRow> rows)
    {
        if (rows.Any(row => row.Shape == MeasuredShape.Requests))
        {
            return null;
        }

        List<StepObservation> steps = [.. StepObservations.Of(rows).Select(o => o.Step)];
        return new StepRange(
            Limits(steps.Select(s => s.Decodes)), Limits(steps.Select(s => s.ContextTokens)),
            Limits(steps.Select(s => s.PrefillTokens)));
    }

    private static long[] Limits(IEnumerable<double> counts)
    {
        double[] some = [.. counts.Where(count => count > 0)];
        return some.Length == 0 ? [0, 0] : [(long)Math.Floor(some.Min()), (long)Math.Ceiling(some.Max())];
    }
}
