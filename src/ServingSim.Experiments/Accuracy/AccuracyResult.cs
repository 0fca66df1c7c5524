using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Accuracy;

/// <summary>What cases gave.</summary>
/// <param name="Plan">The cases.</param>
/// <param name="Cases">What each gave, in their order.</param>
public sealed record AccuracyResult(AccuracyPlan Plan, IReadOnlyList<CaseResult> Cases)
{
    /// <summary>What the sum over all cases is called that the latency model was not fitted on.</summary>
    public const string Overall = "all predictions";

    /// <summary>Where the step times come from, each with the cases that use it.</summary>
    public IReadOnlyList<(string StepTimes, int Cases)> StepTimes =>
        [.. Cases.CountBy(c => c.Case.StepTimes).Select(s => (s.Key, s.Value))];

    /// <summary>The cases that are predictions: whose latency model was not fitted on them.</summary>
    public IEnumerable<CaseResult> Predictions => Cases.Where(c => c.Case.InSample is null);

    /// <summary>
    /// The errors of each figure, by group and then of all predictions if there are several groups.
    /// </summary>
    public IReadOnlyList<ErrorSummary> Summaries
    {
        get
        {
            string[] groups = [.. Cases.Select(c => c.Case.Group).Distinct()];
            return
            [
                .. groups.SelectMany(group => Of(group, Cases.Where(c => c.Case.Group == group))),
                .. groups.Length > 1 ? Of(Overall, Predictions) : [],
            ];
        }
    }

    private static IEnumerable<ErrorSummary> Of(string name, IEnumerable<CaseResult> cases) =>
        from one in cases
        from figure in one.Figures
        group (Figure: figure, IsInSample: one.Case.InSample is not null) by figure.Figure into same
        orderby ScoredFigures.Known.ToList().IndexOf(same.Key)
        select ErrorSummary.Of(name, same.Key, [.. same.Select(s => s.Figure)], same.Count(s => s.IsInSample));
}

/// <summary>What one case gave.</summary>
/// <param name="Case">The case.</param>
/// <param name="Figures">The scored figures, measured and predicted.</param>
/// <param name="Requests">The scored requests of a log, by their number; empty for none.</param>
public sealed record CaseResult(
    AccuracyCase Case, IReadOnlyList<ScoredFigure> Figures, IReadOnlyList<ScoredRequest> Requests)
{
    /// <summary>
    /// How many scored requests of the log the simulation refused or cut short, so that its figures are of others.
    /// </summary>
    public int CutShort => Requests.Count(r => !(r.OutputTokens >= r.Measured.OutputTokens));
}

/// <summary>A figure as it was measured and as it was predicted, in the unit that its name tells.</summary>
/// <param name="Figure">Its name in summary.json.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Predicted">What the simulation gave; null if it is undefined there.</param>
public readonly record struct ScoredFigure(string Figure, double Measured, double? Predicted)
{
    /// <summary>What was predicted, less what was measured, as a share of that.</summary>
    public double? Error => (Predicted / Measured) - 1;
}

/// <summary>A request as it was measured and as it was predicted.</summary>
/// <param name="Number">Its number in the log, from 0.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="OutputTokens">The tokens that were generated in the simulation.</param>
/// <param name="TtftMs">The predicted time to first token, in ms.</param>
/// <param name="TpotMs">The predicted time per output token, in ms.</param>
/// <param name="E2elMs">The predicted end-to-end latency, in ms; null if it did not complete.</param>
public sealed record ScoredRequest(
    long Number, MeasuredRequest Measured, long OutputTokens, double? TtftMs, double? TpotMs, double? E2elMs);

/// <summary>The errors of one figure over several cases; those where it is undefined are counted only.</summary>
/// <param name="Group">Which cases.</param>
/// <param name="Figure">Its name in summary.json.</param>
/// <param name="Cases">How many cases.</param>
/// <param name="InSample">In how many of them the latency model was fitted on what it was to predict.</param>
/// <param name="Undefined">In how many of them the simulation gave nothing.</param>
/// <param name="MedianError">The median of the errors with their signs.</param>
/// <param name="MedianAbsoluteError">The median of their sizes.</param>
/// <param name="MeanAbsoluteError">The mean of their sizes.</param>
/// <param name="P90AbsoluteError">The 90th percentile of their sizes.</param>
public sealed record ErrorSummary(
    string Group,
    string Figure,
    int Cases,
    int InSample,
    int Undefined,
    double? MedianError,
    double? MedianAbsoluteError,
    double? MeanAbsoluteError,
    double? P90AbsoluteError)
{
    internal static ErrorSummary Of(
        string group, string figure, IReadOnlyList<ScoredFigure> figures, int inSample)
    {
        double[] errors = [.. figures.Select(f => f.Error).OfType<double>().Order()];
        double[] sizes = [.. errors.Select(Math.Abs).Order()];
        return errors.Length == 0
            ? new ErrorSummary(group, figure, figures.Count, inSample, figures.Count, null, null, null, null)
            : new ErrorSummary(
                group, figure, figures.Count, inSample, figures.Count - errors.Length, Quantile(errors, 0.5),
                Quantile(sizes, 0.5), sizes.Average(), Quantile(sizes, 0.9));
    }

    private static double Quantile(double[] sorted, double share) =>
        SortedArrayStatistics.QuantileCustom(sorted, share, QuantileDefinition.R7);
}
