namespace ServingSim.Experiments.Results;

/// <summary>What kind of file the requests, steps and windows of a run are written to.</summary>
public enum TableFormat
{
    /// <summary>Text with a header.</summary>
    Csv,

    /// <summary>Apache Parquet: the same columns with types, compressed.</summary>
    Parquet,

    /// <summary>One file of each kind.</summary>
    Both,
}
