using Xunit;

namespace ServingSim.Tests;

/// <summary>A test that is skipped, and says so, where the shared data it reads is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string relative)
    {
        Relative = relative;
        if (SharedData.Find(relative) is null)
        {
            Skip = $"../shared/{relative} is not beside this repository";
        }
    }

    public string Relative { get; }
}
