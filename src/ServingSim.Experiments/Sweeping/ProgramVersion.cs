using System.Security.Cryptography;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Tells programs apart that may compute other results.</summary>
public static class ProgramVersion
{
    /// <summary>The version's number, and a hash of the code that decides results.</summary>
    public static string Current { get; } = Of(
        typeof(Simulation), typeof(Request), typeof(ServingCluster), typeof(ProgramVersion));

    /// <summary>The version's number alone: "0.1.0".</summary>
    public static string Number => LoadedScenario.Version;

    private static string Of(params Type[] types)
    {
        byte[] ids = [.. types.SelectMany(t => t.Assembly.ManifestModule.ModuleVersionId.ToByteArray())];
        return $"{Number}+{Convert.ToHexStringLower(SHA256.HashData(ids))[..12]}";
    }
}
