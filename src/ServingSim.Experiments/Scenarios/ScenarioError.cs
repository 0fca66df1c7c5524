namespace ServingSim.Experiments.Scenarios;

/// <summary>One thing that is wrong in what the user wrote.</summary>
/// <param name="Location">Where: <c>file:line</c>, <c>file:line:column</c>, a file, or <c>--set path=value</c>.</param>
/// <param name="Path">Which value: keys joined by dots; empty where the whole file is meant.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record ScenarioError(string Location, string Path, string Message)
{
    /// <summary>"file:line: path: message".</summary>
    public override string ToString() => Path.Length == 0 ? $"{Location}: {Message}" : $"{Location}: {Path}: {Message}";
}
