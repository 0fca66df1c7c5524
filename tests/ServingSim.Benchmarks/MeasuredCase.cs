using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Benchmarks;

/// <summary>A scenario whose simulation is measured.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Yaml">The scenario, its paths relative to <c>configs/scenarios</c>.</param>
public sealed record MeasuredCase(string Name, string Yaml)
{
    private const long FewestRequests = 1000;

    /// <summary>What can be measured of it: a trace is read by the whole runner only.</summary>
    public IReadOnlyList<RunMode> Modes { get; init; } = [RunMode.Engine];

    /// <summary>How many requests it makes up; null for a trace.</summary>
    public long? Requests { get; init; }

    /// <summary>The trace that is made for it, of <see cref="Requests"/> rows; null for none.</summary>
    public MadeTrace? Trace { get; init; }

    /// <summary>A file that it needs and this machine lacks; null if it can run.</summary>
    public string? Missing { get; init; }

    /// <summary>The scenario; with a share of its requests, or some number of them, if given.</summary>
    public LoadedScenario Load(double scale = 1, long? requests = null, RunMode mode = RunMode.Full)
    {
        if (Requests is { } all)
        {
            requests = Math.Min(all, requests ?? Math.Max(FewestRequests, (long)(all * scale)));
        }

        return LoadedScenario.Parse(
            Yaml,
            Path.Combine(Configs.Folders()[0], "scenarios", "benchmark.yaml"),
            [
                $"outputs.requests={(mode == RunMode.Summary ? "none" : "all")}",
                .. requests is null ? Array.Empty<string>() : [$"requests={requests}"],
            ],
            Catalog.Default);
    }
}
