using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>A test on a real Slurm of several nodes, which runs only if asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlurmFactAttribute : FactAttribute
{
    /// <summary>Starts and stops a Slurm of several nodes on one machine.</summary>
    internal static readonly string Tool =
        Path.GetFullPath(Path.Combine(SharedData.Root, "..", "shared", "tools", "slurm-onebox.sh"));

    public SlurmFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("SLURM_ONEBOX") is null)
        {
            Skip = "starts a Slurm, as root: set SLURM_ONEBOX to a folder for its state";
        }
        else if (!File.Exists(Tool))
        {
            Skip = $"{Tool} is not on this machine";
        }
    }
}
