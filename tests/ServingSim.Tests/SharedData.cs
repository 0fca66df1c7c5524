namespace ServingSim.Tests;

/// <summary>Real data kept beside the repository, which not every machine has.</summary>
internal static class SharedData
{
    /// <summary>The folder that holds ServingSim.sln.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>The path of a file of real data, or null where it is missing.</summary>
    internal static string? Find(string relative)
    {
        string path = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", relative));
        return Path.Exists(path) ? path : null;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ServingSim.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("no folder above holds ServingSim.sln");
    }
}
