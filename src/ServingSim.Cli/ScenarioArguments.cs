using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Cli;

/// <summary>Which scenario a command is about: the file and what overrides it.</summary>
/// <param name="Path">The scenario file.</param>
/// <param name="Settings">Overrides as written, <c>path=value</c>, in the order of the command line.</param>
/// <param name="Seed">The seed that replaces the scenario's; null to keep it.</param>
internal sealed record ScenarioArguments(string Path, IReadOnlyList<string> Settings, long? Seed)
{
    /// <summary>Reads the scenario with everything that overrides it.</summary>
    public LoadedScenario Load(Catalog catalog) => LoadedScenario.Read(
        Path, Seed is { } seed ? [.. Settings, $"seed={seed}"] : Settings, catalog);
}
