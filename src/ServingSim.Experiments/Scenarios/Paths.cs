namespace ServingSim.Experiments.Scenarios;

/// <summary>Paths as written, as opened and as shown.</summary>
internal static class Paths
{
    /// <summary>The absolute path that a written one means in a folder; null where it can be none.</summary>
    public static string? Resolve(string folder, string written) =>
        written.Length == 0 || written.Contains('\0') ? null : Path.GetFullPath(written, folder);

    /// <summary>A file as shown in errors: relative to the current folder where it lies below it.</summary>
    public static string Shown(string fullPath)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, fullPath);
        return relative.StartsWith("..", StringComparison.Ordinal) ? fullPath : relative;
    }

    /// <summary>A path as written into a file of <paramref name="folder"/>, so that both can move together.</summary>
    public static string RelativeTo(string folder, string fullPath) =>
        Path.GetRelativePath(folder, fullPath).Replace('\\', '/');
}
