using Xunit;

namespace ServingSim.Tests.Golden;

/// <summary>Texts that a change of behaviour changes, kept beside this file.</summary>
internal static class GoldenFile
{
    private static readonly bool IsUpdating = Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    /// <summary>Fails unless the text is that of the file; with UPDATE_GOLDEN=1 it is written instead.</summary>
    internal static void Check(string name, string text)
    {
        string file = Path.Combine(SharedData.Root, "tests", "ServingSim.Tests", "Golden", name);
        if (IsUpdating)
        {
            File.WriteAllText(file, text);
            return;
        }

        const string Update = "dotnet test -e UPDATE_GOLDEN=1 --filter FullyQualifiedName~Golden";
        Assert.True(File.Exists(file), $"there is no Golden/{name}; this writes it: {Update}");
        string[] expected = File.ReadAllLines(file);
        string[] found = text.TrimEnd('\n').Split('\n');
        int line = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            line == expected.Length && line == found.Length,
            $"Golden/{name}:{line + 1}: found '{found.ElementAtOrDefault(line)}', expected "
            + $"'{expected.ElementAtOrDefault(line)}'; if the new one is right, tell why in CHANGELOG.md and run: "
            + Update);
    }
}
