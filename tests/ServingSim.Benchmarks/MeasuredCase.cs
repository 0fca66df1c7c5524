using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Benchmarks;

/// <summary>A scenario whose simulation is measured.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Yaml">The scenario, its paths relative to <c>configs/scenarios</c>.</param>
public sealed record MeasuredCase(string Name, string Yaml)
{
    /// <summary>What can be measured of it: a trace is read by the whole runner only.</summary>
    public IReadOnlyList<RunMode> Modes { get; init; } = [RunMode.Engine, RunMode.Summary, RunMode.Full];

    /// <summary>A file that it needs and this machine lacks; null if it can run.</summary>
    public string? Missing { get; init; }

    /// <summary>The scenario, with its requests limited to <paramref name="requests"/> if given.</summary>
    public LoadedScenario Load(RunMode mode, long? requests = null) => LoadedScenario.Parse(
        Yaml,
        Path.Combine(Configs.Folders()[0], "scenarios", "benchmark.yaml"),
        [
            $"outputs.requests={(mode == RunMode.Full ? "all" : "none")}",
            .. requests is null ? Array.Empty<string>() : [$"requests={requests}"],
        ],
        Catalog.Default);
}
