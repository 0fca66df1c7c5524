using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Cli;

/// <summary>Which scenario a command is about: the file and what overrides it.</summary>
/// <param name="Path">The scenario file.</param>
/// <param name="Overrides">What is laid over it.</param>
internal sealed record ScenarioArguments(string Path, OverrideArguments Overrides)
{
    /// <summary>Reads the scenario with everything that overrides it, and further settings.</summary>
    public LoadedScenario Load(Catalog catalog, params IReadOnlyList<string> further) =>
        LoadedScenario.Read(Path, [.. Overrides.Settings, .. further], catalog);
}
