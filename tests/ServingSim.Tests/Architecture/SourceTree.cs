namespace ServingSim.Tests.Architecture;

/// <summary>The repository's own files, as tidiness tests read them; paths are relative to its root.</summary>
internal static class SourceTree
{
    private static readonly string[] NotOurs =
        ["artifacts", ".git", "results", "TestResults", "obj", "bin", ".vs", ".idea"];

    /// <summary>All files of some extensions, without what tools make.</summary>
    internal static IEnumerable<string> Files(params string[] extensions) => Below(SharedData.Root)
        .Where(f => extensions.Contains(Path.GetExtension(f)))
        .Select(f => Path.GetRelativePath(SharedData.Root, f).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    internal static string[] Lines(string file) => File.ReadAllLines(Path.Combine(SharedData.Root, file));

    internal static string Text(string file) => File.ReadAllText(Path.Combine(SharedData.Root, file));

    /// <summary>"file:line: text" of every line for which something holds.</summary>
    internal static IEnumerable<string> LinesWhere(IEnumerable<string> files, Func<string, bool> holds) =>
        from file in files
        from line in Lines(file).Index()
        where holds(line.Item)
        select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

    private static IEnumerable<string> Below(string folder) =>
    [
        .. Directory.EnumerateFiles(folder),
        .. Directory.EnumerateDirectories(folder).Where(f => !NotOurs.Contains(Path.GetFileName(f))).SelectMany(Below),
    ];
}
