namespace ServingSim.Tests;

/// <summary>Recorded data that lies beside the repository, in <c>../shared</c>, and may be missing.</summary>
internal static class SharedData
{
    /// <summary>The full path of a file or folder of the shared data; null when it is not there.</summary>
    public static string? Find(string relative)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "ServingSim.sln")))
        {
            root = root.Parent;
        }

        if (root?.Parent is null)
        {
            return null;
        }

        string path = Path.Combine(root.Parent.FullName, "shared", relative);
        return Path.Exists(path) ? path : null;
    }
}
