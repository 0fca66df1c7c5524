using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Finds the numbers of <see cref="LinearLatency"/> from steps, or from a log of requests, whose mean steps mix prefill
/// and decodes.
/// </summary>
public sealed class LinearCalibration : ICalibration
{
    /// <inheritdoc/>
    public string LatencyModel => "linear";

    /// <inheritdoc/>
    public string? Problem(IReadOnlyList<MeasuredRow> rows)
    {
        if (StepRows.Missing(rows) is { } missing)
        {
            return missing;
        }

        bool isMean = rows.Any(row => row.Shape == MeasuredShape.Requests);
        return isMean && OfMeans([.. StepObservations.Of(rows).Select(o => o.Step)]).Prefill.MsPerToken == 0
            ? "steps are no longer where more prompt tokens are computed, so that prefill cannot be told from this "
                + "log, as where prompts are found in the prefix cache; expected prompts that are computed, or a log "
                + "of steps"
            : null;
    }

    /// <inheritdoc/>
    public object Fit(IReadOnlyList<MeasuredRow> all, IReadOnlySet<MeasuredRow> fitted)
    {
        List<StepObservation> steps = StepRows.Of(all, fitted);
        return all.Any(row => row.Shape == MeasuredShape.Requests) ? OfMeans(steps) : OfSteps(steps);
    }

    /// <inheritdoc/>
    public IEnumerable<ComparedStep> Compare(object options, IReadOnlyList<MeasuredRow> all) =>
        StepObservations.Of(all).Select(o => new ComparedStep(
            o.Row, Ms((LinearLatencyOptions)options, o.Step), o.Step.Ms));

    /// <inheritdoc/>
    public StepRange? RangeOf(IReadOnlyList<MeasuredRow> rows) => StepRows.RangeOf(rows);

    private static LinearLatencyOptions OfMeans(List<StepObservation> steps)
    {
        double[] c = RelativeFit.Of(
            [.. steps.Select(s => (new[] { 1, s.ContextTokens, s.Decodes, s.PrefillTokens }, s.Ms))]).Coefficients;
        double[] rounded = [.. c.Select(RelativeFit.Rounded)];
        return new LinearLatencyOptions(
            new LinearPrefill(rounded[0], rounded[3]), [new LinearDecode(rounded[0], rounded[1], rounded[2])]);
    }

    private static LinearLatencyOptions OfSteps(List<StepObservation> steps)
    {
        IReadOnlyList<LinearDecode> decode = DecodeFit.Of([.. steps.Where(s => s.OnlyDecodes)]);
        List<(double[] Features, double Ms)> prefills =
        [
            .. steps.Where(s => !s.OnlyDecodes)
                .Select(s => (new[] { 1, s.PrefillTokens, s.Squares }, s.Ms - VariableMs(decode, s)))
                .Where(row => row.Item2 > 0),
        ];
        if (steps.All(s => s.OnlyDecodes))
        {
            // Nothing was measured of prefill: a token costs what it costs to decode one, and physics what it must
            return new LinearLatencyOptions(new LinearPrefill(decode[0].BaseMs, decode[0].MsPerDecode), decode);
        }

        double[] c = prefills.Count == 0 ? [0, 0, 0] : RelativeFit.Of(prefills).Coefficients;
        return new LinearLatencyOptions(
            new LinearPrefill(RelativeFit.Rounded(c[0]), RelativeFit.Rounded(c[1]), RelativeFit.Rounded(c[2])), decode);
    }

    private static double Ms(LinearLatencyOptions options, StepObservation step)
    {
        LinearPrefill prefill = options.Prefill;
        double prefillBase = step.OnlyDecodes ? 0 : prefill.BaseMs;
        double decodeBase = step.Decodes > 0 ? DecodeFit.PieceFor(options.Decode, step.Decodes).BaseMs : 0;
        return Math.Max(prefillBase, decodeBase)
            + (prefill.MsPerToken * step.PrefillTokens)
            + (prefill.MsPerToken2 * step.Squares)
            + VariableMs(options.Decode, step);
    }

    private static double VariableMs(IReadOnlyList<LinearDecode> decode, StepObservation step) => step.Decodes == 0
        ? 0
        : DecodeFit.Ms(decode, step) - DecodeFit.PieceFor(decode, step.Decodes).BaseMs;
}
