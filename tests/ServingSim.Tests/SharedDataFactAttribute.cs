using Xunit;

namespace ServingSim.Tests;

/// <summary>A test that needs a file of real data and is skipped where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string relative)
    {
        if (SharedData.Find(relative) is null)
        {
            Skip = $"shared/data/{relative} is not on this machine";
        }
    }
}
