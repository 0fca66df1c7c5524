using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Calibrating;

/// <summary>How the options of a latency model are found from measurements.</summary>
public interface ICalibration
{
    /// <summary>The latency model whose options it finds: a name in the catalog.</summary>
    string LatencyModel { get; }

    /// <summary>Why such rows cannot be fitted; null where they can.</summary>
    string? Problem(IReadOnlyList<MeasuredRow> rows);

    /// <summary>The options that fit some of the rows best.</summary>
    /// <param name="all">All rows, of which each may depend on the others.</param>
    /// <param name="fitted">Those to fit.</param>
    object Fit(IReadOnlyList<MeasuredRow> all, IReadOnlySet<MeasuredRow> fitted);

    /// <summary>What options say of rows beside what was measured, in ms; a row may tell of several steps.</summary>
    /// <param name="options">What <see cref="Fit"/> gave.</param>
    /// <param name="all">All rows, of which each may depend on the others.</param>
    IEnumerable<ComparedStep> Compare(object options, IReadOnlyList<MeasuredRow> all);

    /// <summary>The steps that rows tell of; null where they tell of no whole steps.</summary>
    StepRange? RangeOf(IReadOnlyList<MeasuredRow> rows);
}

/// <summary>A prediction and what it is compared with.</summary>
/// <param name="Row">The row measured.</param>
/// <param name="PredictedMs">What the model says, in ms.</param>
/// <param name="MeasuredMs">What was measured, in ms.</param>
public readonly record struct ComparedStep(MeasuredRow Row, double PredictedMs, double MeasuredMs)
{
    /// <summary>Predicted / measured - 1.</summary>
    public double Error => (PredictedMs / MeasuredMs) - 1;
}
