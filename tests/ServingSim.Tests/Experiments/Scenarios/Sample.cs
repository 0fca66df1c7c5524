using System.ComponentModel;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public enum Stop
{
    Drain,
    CutOff,
}

public interface IEviction;

public sealed record SampleScenario(
    string Name,
    long Seed,
    SampleCluster Cluster,
    [property: DefaultValue("1h")] SimTime Duration,
    Stop Stop = Stop.Drain,
    Stop? Other = Stop.CutOff,
    SimTime Warmup = default,
    int? Requests = null,
    bool Quiet = false,
    double RatePerS = 4,
    string? Note = null,
    FilePath? Trace = null,
    IReadOnlyList<string>? ReportBy = null,
    IReadOnlyDictionary<string, string>? Labels = null);

public sealed record SampleCluster(IReadOnlyDictionary<string, SamplePool> Pools);

public sealed record SamplePool(
    NamedFile<SampleGpu> Gpu,
    int Replicas,
    [property: DefaultValue("lru")] PartChoice<IEviction, int> Eviction,
    int MaxNumSeqs = 1024) : IValidated
{
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Replicas < 1)
        {
            yield return (nameof(Replicas), $"found {Replicas}, expected at least 1");
        }

        if (MaxNumSeqs < Replicas)
        {
            yield return (null, "max_num_seqs is below replicas");
        }
    }
}

public sealed record SampleGpu(double MemoryGib, string Vendor = "none");

public sealed record SampleChain(NamedFile<SampleChain>? Next = null);

public sealed record SlruOptions(int ProtectedHits = 2);

public sealed record TwoLevelOptions(PartChoice<IEviction, int> Inner, SimTime Delay = default)
{
    public PartChoice<IEviction, int> Inner { get; } = Inner.Name == "two-level"
        ? throw new ArgumentException("found two-level, expected another", nameof(Inner))
        : Inner;
}

public sealed record Eviction(string Text) : IEviction;

/// <summary>A catalog, a folder of configs, and a folder for scenarios, deleted afterwards.</summary>
public sealed class Sample : ICatalog, IDisposable
{
    public const string Valid = """
        name: quickstart
        seed: 1
        duration: 20m
        cluster:
          pools:
            main:
              gpu: h100
              replicas: 4
              eviction: lru
        """;

    public static readonly PartKind<IEviction, int> Evictions = new PartKind<IEviction, int>("eviction policy")
        .Add("lru", "least recently used", context => new Eviction($"lru of {context}"))
        .Add<SlruOptions>("slru", "segmented", (o, context) => new Eviction($"slru {o.ProtectedHits} of {context}"))
        .Add<TwoLevelOptions>("two-level", "one in another", (o, c) => new Eviction($"two of {o.Inner.Create(c)}"));

    public Sample()
    {
        Folder = Directory.CreateTempSubdirectory("servingsim-").FullName;
        File("configs/gpus/h100.yaml", "memory_gib: 80\nvendor: nvidia\n");
        File("configs/gpus/a100.yaml", "memory_gib: 40\n");
    }

    public string Folder { get; }

    public IReadOnlyList<IPartKind> PartKinds => [Evictions];

    public IReadOnlyList<FileKind> FileKinds =>
        [new(typeof(SampleGpu), "gpus") { Translate = FromForeign }, new(typeof(SampleChain), "chains")];

    public IReadOnlyList<string> ConfigFolders => [Path.Combine(Folder, "configs")];

    public string File(string name, string text) => File(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string File(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public T Read<T>(string text, params string[] settings)
        where T : class => ScenarioFile.Read<T>(File("s.yaml", text), settings, this);

    public SampleScenario Read(string text, params string[] settings) => Read<SampleScenario>(text, settings);

    /// <summary>The errors of a text, the folder's own path taken out.</summary>
    public string Errors<T>(string text, params string[] settings)
        where T : class => Errors(() => Read<T>(text, settings));

    public string Errors(string text, params string[] settings) => Errors<SampleScenario>(text, settings);

    public string Errors(Action read) =>
        Assert.Throws<ScenarioException>(read).Message.Replace(Folder + "/", "", StringComparison.Ordinal);

    /// <summary>A foreign format of GPU files, which has one key of its own.</summary>
    private static ConfigNode FromForeign(ConfigNode file, ErrorList errors) => file["foreignMemory"] is not { } memory
        ? file
        : ConfigNode.Mapping(file.Origin, [new ConfigEntry("memory_gib", memory.Origin, memory)]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
