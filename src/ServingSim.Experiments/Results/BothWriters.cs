namespace ServingSim.Experiments.Results;

/// <summary>Writes every row to two files.</summary>
internal sealed class BothWriters<TRow>(IRowWriter<TRow> first, IRowWriter<TRow> second) : IRowWriter<TRow>
{
    /// <inheritdoc/>
    public void Write(in TRow row)
    {
        first.Write(row);
        second.Write(row);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
