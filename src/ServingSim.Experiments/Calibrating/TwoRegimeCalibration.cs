using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Calibrating;

/// <summary>
/// Finds the numbers of <see cref="TwoRegimeLatency"/> from steps: of decodes with their breaks, and of steps with
/// prefill with the tokens at which computing takes over from streaming the weights.
/// </summary>
public sealed class TwoRegimeCalibration : ICalibration
{
    /// <inheritdoc/>
    public string LatencyModel => "two-regime";

    /// <inheritdoc/>
    public string? Problem(IReadOnlyList<MeasuredRow> rows) =>
        rows.Any(row => row.Shape == MeasuredShape.Requests)
            ? "a log of requests tells steps only in the mean, not those with prefill; expected part: linear"
            : StepRows.Missing(rows);

    /// <inheritdoc/>
    public object Fit(IReadOnlyList<MeasuredRow> all, IReadOnlySet<MeasuredRow> fitted)
    {
        List<StepObservation> steps = StepRows.Of(all, fitted);
        IReadOnlyList<LinearDecode> decode = DecodeFit.Of([.. steps.Where(s => s.OnlyDecodes)]);
        return new TwoRegimeOptions(decode, Hinge([.. steps.Where(s => !s.OnlyDecodes)], decode));
    }

    /// <inheritdoc/>
    public IEnumerable<ComparedStep> Compare(object options, IReadOnlyList<MeasuredRow> all) =>
        StepObservations.Of(all).Select(o => new ComparedStep(
            o.Row, Ms((TwoRegimeOptions)options, o.Step), o.Step.Ms));

    /// <inheritdoc/>
    public StepRange? RangeOf(IReadOnlyList<MeasuredRow> rows) => StepRows.RangeOf(rows);

    private static HingePrefill Hinge(List<StepObservation> steps, IReadOnlyList<LinearDecode> decode)
    {
        if (steps.Count == 0)
        {
            // Nothing was measured of prefill: a token costs what it costs to decode one, and physics what it must
            LinearDecode any = decode[0];
            return new HingePrefill(0, any.MsPerDecode, 0, any.MsPerContextToken, 0, any.BaseMs);
        }

        (double[] Coefficients, double Squares) best = RelativeFit.Of(Features(steps, 0));
        double knee = 0;
        double[] tokens = [.. steps.Select(s => s.Tokens).Distinct().Order()];
        foreach (double at in tokens.Concat(tokens.Zip(tokens.Skip(1), (a, b) => Math.Sqrt(a * b))).Order())
        {
            var fit = RelativeFit.Of(Features(steps, at));
            if (fit.Squares < best.Squares * (1 - 1e-9))
            {
                (best, knee) = (fit, at);
            }
        }

        double[] c = best.Coefficients;
        LinearDecode first = decode[0];
        if (steps.All(s => s.Decodes == 0))
        {
            // Nothing was measured of decodes beside prefill: they cost what they cost alone
            (c[2], c[3]) = (first.MsPerContextToken, Math.Max(0, first.MsPerDecode - c[0]));
        }

        // A step reads all weights, whatever it computes
        double weights = Math.Max(c[0] * knee, first.BaseMs - c[4]);
        return new HingePrefill(
            RelativeFit.Rounded(weights), RelativeFit.Rounded(c[0]), RelativeFit.Rounded(c[1]),
            RelativeFit.Rounded(c[2]), RelativeFit.Rounded(c[3]), RelativeFit.Rounded(c[4]));
    }

    private static List<(double[] Features, double Ms)> Features(List<StepObservation> steps, double knee) =>
    [
        .. steps.Select(s => (new[] { Math.Max(knee, s.Tokens), s.Pairs, s.ContextTokens, s.Decodes, 1 }, s.Ms)),
    ];

    private static double Ms(TwoRegimeOptions options, StepObservation step)
    {
        double decodes = step.Decodes > 0 ? DecodeFit.Ms(options.Decode, step) : 0;
        if (step.OnlyDecodes)
        {
            return decodes;
        }

        HingePrefill p = options.Prefill;
        return Math.Max(
            decodes,
            Math.Max(p.WeightsMs, p.MsPerToken * step.Tokens)
                + (p.MsPerPair * step.Pairs)
                + (p.MsPerContextToken * step.ContextTokens)
                + (p.MsPerDecode * step.Decodes)
                + p.BaseMs);
    }
}
