namespace ServingSim.Experiments.Scenarios;

/// <summary>Finds the folders that hold what scenarios refer to by name: GPUs, models, lengths.</summary>
public static class Configs
{
    private const string Folder = "configs";

    /// <summary>
    /// The nearest folder <c>configs</c> at or above the current folder, then the nearest at or above the program's
    /// own.
    /// </summary>
    public static IReadOnlyList<string> Folders() =>
    [
        .. new[] { Environment.CurrentDirectory, AppContext.BaseDirectory }
            .Select(Nearest)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal),
    ];

    private static string? Nearest(string from)
    {
        for (DirectoryInfo? at = new(from); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, Folder);
            if (Directory.Exists(Path.Combine(folder, "models")))
            {
                return folder;
            }
        }

        return null;
    }
}
