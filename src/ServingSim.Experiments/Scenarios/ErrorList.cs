namespace ServingSim.Experiments.Scenarios;

/// <summary>Collects the errors of one scenario, to be thrown together.</summary>
internal sealed class ErrorList
{
    private readonly List<(ConfigOrigin Origin, ScenarioError Error)> _errors = [];

    public bool IsEmpty => Count == 0;

    public int Count => _errors.Count;

    public void Add(ConfigOrigin origin, string path, string message) =>
        _errors.Add((origin, new ScenarioError(origin.ToString(), path, message)));

    /// <summary>An error of syntax, where the column tells more than a path.</summary>
    public void AddSyntax(ConfigOrigin origin, string message)
    {
        string location = origin.Line == 0 ? origin.Source : $"{origin}:{origin.Column}";
        _errors.Add((origin, new ScenarioError(location, "", message)));
    }

    public void ThrowIfAny()
    {
        if (!IsEmpty)
        {
            throw new ScenarioException(
            [
                .. _errors.OrderBy(e => e.Origin.Source, StringComparer.Ordinal)
                    .ThenBy(e => e.Origin.Line)
                    .ThenBy(e => e.Origin.Column)
                    .Select(e => e.Error)
                    .Distinct(),
            ]);
        }
    }
}
