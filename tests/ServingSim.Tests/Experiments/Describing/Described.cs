using ServingSim.Experiments.Describing;

namespace ServingSim.Tests.Experiments.Describing;

/// <summary>Descriptions of files, for tests that compare them.</summary>
internal static class Described
{
    /// <summary>What a file tells of one service.</summary>
    internal static ServiceDescription Of(string path, string service) =>
        TraceDescription.Read(path, null, 512, CancellationToken.None).Services.Single(s => s.Name == service);
}
