namespace ServingSim.Experiments.Calibrating;

/// <summary>A row of measurements that passed the filters.</summary>
/// <param name="File">The index of its file among the calibration's.</param>
/// <param name="Shape">What it is.</param>
/// <param name="Hash">The first 12 hexadecimal digits of the SHA-256 of its raw text.</param>
/// <param name="Values">Its numbers by the shape's names of columns; NaN for an optional one that is not there.</param>
public sealed record MeasuredRow(
    int File, MeasuredShape Shape, string Hash, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>A number of the row.</summary>
    internal double this[string column] => Values[column];

    /// <summary>A number of the row, or another where there is none.</summary>
    internal double Or(string column, double otherwise) => double.IsNaN(Values[column]) ? otherwise : Values[column];
}
