namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// A file or folder that the user named, relative to where the name was written (a file's folder, or the current one
/// for <c>--set</c>). Two are equal when they mean the same place.
/// </summary>
/// <param name="FullPath">The absolute path.</param>
/// <param name="AsWritten">The path as the user wrote it.</param>
public readonly record struct FilePath(string FullPath, string AsWritten)
{
    /// <inheritdoc/>
    public bool Equals(FilePath other) => FullPath == other.FullPath;

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(FullPath, StringComparison.Ordinal);

    /// <summary>The path as the user wrote it.</summary>
    public override string ToString() => AsWritten;
}
