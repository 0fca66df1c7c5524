namespace ServingSim.Experiments.Scenarios;

/// <summary>What the user wrote is wrong: every error of the scenario at once, one line each.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>An exception that carries <paramref name="errors"/> in the order to be read.</summary>
    public ScenarioException(IReadOnlyList<ScenarioError> errors)
        : base(string.Join('\n', errors))
    {
        Errors = errors;
    }

    /// <summary>What is wrong, by file and line.</summary>
    public IReadOnlyList<ScenarioError> Errors { get; }
}
