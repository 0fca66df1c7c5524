using Xunit;

namespace ServingSim.Tests;

/// <summary>A theory about real data, which is skipped with a message where the data is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string relative)
    {
        if (SharedData.Find(relative) is null)
        {
            Skip = $"shared/data/{relative} is not on this machine";
        }
    }
}
