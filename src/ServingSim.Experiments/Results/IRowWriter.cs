namespace ServingSim.Experiments.Results;

/// <summary>Writes the rows of a result file, as they come. Disposing it closes the file.</summary>
internal interface IRowWriter<TRow> : IDisposable
{
    /// <summary>Adds a row.</summary>
    void Write(in TRow row);
}
