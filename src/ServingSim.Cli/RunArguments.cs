namespace ServingSim.Cli;

/// <summary>What the command line of <c>run</c> asks for.</summary>
/// <param name="Scenario">What to simulate.</param>
/// <param name="Runs">How often, and how many at a time.</param>
/// <param name="ResultFolder">Where results go; null for <c>results/&lt;name&gt;</c>.</param>
/// <param name="WithSteps">Whether to write <c>steps.csv</c>.</param>
/// <param name="WithPlot">Whether to write <c>timeseries.png</c>.</param>
/// <param name="IsAudited">Whether to check the laws while the run goes on.</param>
/// <param name="WithBand">Whether also to run with steps as fast and as slow as their error allows.</param>
/// <param name="IsJson">Whether the summary goes to standard output as JSON, in place of the table.</param>
/// <param name="IsQuiet">Whether neither table nor progress is shown.</param>
internal sealed record RunArguments(
    ScenarioArguments Scenario, ManyRunsArguments Runs, string? ResultFolder, bool WithSteps, bool WithPlot,
    bool IsAudited, bool WithBand, bool IsJson, bool IsQuiet);
