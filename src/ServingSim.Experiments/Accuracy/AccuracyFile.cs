using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Accuracy;

/// <summary>
/// What was measured, and the scenarios that should give the same: the constructor's parameters are the file's keys.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Name">Names the results.</param>
/// <param name="Cases">The cases, one by one or one for every row of a table.</param>
/// <param name="Scenario">What the scenarios of all cases say: a mapping, or the path of a file.</param>
/// <param name="About">Where the measurements come from and what is special about them; shown in accuracy.md.</param>
public sealed record AccuracyFile(
    [property: AllowedValues(AccuracyFile.CurrentSchema)] int Schema,
    string Name,
    [property: MinLength(1)] IReadOnlyList<CaseSection> Cases,
    ConfigNode? Scenario = null,
    string? About = null) : IValidated
{
    private const int CurrentSchema = 1;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {CurrentSchema}");
        }

        if (Names.FolderProblem(Name) is { } problem)
        {
            yield return (nameof(Name), problem);
        }

        if (Cases.Count == 0)
        {
            yield return (nameof(Cases), "found none, expected at least one");
        }
    }
}

/// <summary>
/// A case, or one for every row of a table. In every value <c>${column}</c> stands for the row's value of a column, and
/// a product such as <c>${0.8 * column}</c> or <c>${floor(0.8 * column)}</c> for a number made of it.
/// </summary>
/// <param name="Name">The name; with rows and without a column in it, the row's line is added.</param>
/// <param name="Set">Values laid over the scenario, by their paths.</param>
/// <param name="Measured">Measured values by the names of summary.json's figures; a row's empty value is left
/// out.</param>
/// <param name="Runs">Names of the measured runs, as latency files name those that they used otherwise than row by
/// row.</param>
/// <param name="Group">What cases are summed up by.</param>
/// <param name="Scenario">What the scenario says, as that of all cases, over which it is laid.</param>
/// <param name="Rows">The table whose rows are cases.</param>
/// <param name="Requests">The log that is replayed, which then is the scenario's workload.</param>
public sealed record CaseSection(
    string Name,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, ConfigNode> Set,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, ConfigNode> Measured,
    [property: DefaultValue("[]")] IReadOnlyList<string> Runs,
    string Group = "all",
    ConfigNode? Scenario = null,
    RowsSection? Rows = null,
    RequestsSection? Requests = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return (nameof(Name), "found no text, expected a name");
        }

        if (Rows is not null && Requests is not null)
        {
            yield return (nameof(Requests), "is given beside rows; expected one or the other");
        }

        if (Requests is null && Measured.Count == 0)
        {
            yield return (nameof(Measured), "found no figure, expected at least one, or requests");
        }
    }
}

/// <summary>Rows of a table, each of which is a case.</summary>
/// <param name="File">The CSV file, also compressed by gzip: relative to <c>--data</c>, or to this file.</param>
/// <param name="Where">
/// Which rows: a column's value, a list of values, or a mapping with <c>min</c>, <c>max</c> or both; all must hold.
/// </param>
/// <param name="Names">What stands for a column's values in place of themselves: names of models, GPUs, ...</param>
public sealed record RowsSection(
    string File,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, ConfigNode> Where,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Names);

/// <summary>A log with a row for every request, in order of arrival.</summary>
/// <param name="File">The CSV file, also compressed by gzip: relative to <c>--data</c>, or to this file.</param>
/// <param name="Columns">
/// What the file calls <c>ttft_ms</c>, <c>e2el_ms</c> (at least one of the two) and the columns of <c>plain-trace</c>.
/// </param>
/// <param name="SkipFirst">So many of the first requests are simulated, but not scored.</param>
public sealed record RequestsSection(
    string File,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, string> Columns,
    int SkipFirst = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (SkipFirst < 0)
        {
            yield return (nameof(SkipFirst), $"found {SkipFirst}, expected 0 or more");
        }
    }
}
