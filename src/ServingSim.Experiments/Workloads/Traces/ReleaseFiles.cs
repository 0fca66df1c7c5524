using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>The release files that can be downloaded, by name.</summary>
public static class ReleaseFiles
{
    private const string Extension = ".csv";

    /// <summary>BurstGPT's release v2.0 (Wang et al., KDD'25; CC BY 4.0).</summary>
    public static IReadOnlyList<ReleaseFile> BurstGpt { get; } =
    [
        Of("BurstGPT_1", 52_283_111, "4bb3783693d0a435686fbfc885615d2349bd067239079fa4b749f2e679e12122"),
        Of("BurstGPT_without_fails_1", 51_429_517, "a4d068a7113ec0290e74063a1b3447dc6001a30e4298eb313581b71006dda1f4"),
        Of("BurstGPT_2", 144_819_209, "44bf5942b03fca42c01a226a545ad3a750ec62688faecd67b6831c56a8928bf7"),
        Of("BurstGPT_without_fails_2", 142_376_815, "56193aa9b2bb26128ded43d2d29a960df6bf5af062bcfc9b005f3fcaa4e6e501"),
        Of("BurstGPT_3", 231_682_327, "2299986a07388aa303ec2c41d1131e756db650a39ed6ef9dfe7cc3d7f9a43b8f"),
        Of("BurstGPT_without_fails_3", 217_312_026, null),
    ];

    /// <summary>
    /// The file of this name, with or without its extension; throws <see cref="TraceException"/> for any other name.
    /// </summary>
    public static ReleaseFile Find(IReadOnlyList<ReleaseFile> files, string name)
    {
        string full = name.EndsWith(Extension, StringComparison.Ordinal) ? name : name + Extension;
        string[] known = [.. files.Select(f => f.Name)];
        return files.FirstOrDefault(file => file.Name == full) ?? throw new TraceException(
            Names.OneLine(name), null, $"no release file of this name{Names.Known(full, known)}");
    }

    private static ReleaseFile Of(string name, long bytes, string? sha256) => new(
        name + Extension,
        new Uri($"https://github.com/HPMLL/BurstGPT/releases/download/v2.0/{name}{Extension}"), bytes, sha256);
}
