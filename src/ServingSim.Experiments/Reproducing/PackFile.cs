using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing;

/// <summary>What a pack is of: its file <c>pack.yaml</c>, beside one file for each figure.</summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Title">The paper.</param>
/// <param name="About">What a reader of the page has to know first.</param>
/// <param name="Data">The sets of rows that figures are made from, by name.</param>
/// <param name="Order">The figures, in the order of the page.</param>
/// <param name="LeftOut">What of the paper is not reproduced, and why.</param>
public sealed record PackFile(
    [property: AllowedValues(1)] int Schema, string Title, string About,
    IReadOnlyDictionary<string, DataSection> Data, [property: MinLength(1)] IReadOnlyList<string> Order,
    [property: DefaultValue("[]")] IReadOnlyList<string> LeftOut) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != 1)
        {
            yield return (nameof(Schema), $"found {Schema}, expected 1");
        }

        if (Order.Count == 0)
        {
            yield return (nameof(Order), "found no figure, expected at least one");
        }
    }
}

/// <summary>A set of rows: of a file that the user gives, or generated.</summary>
/// <param name="Title">What the page calls it.</param>
/// <param name="FromDay">The first day, on the axis of the files' times.</param>
/// <param name="Days">How many days a figure wants.</param>
/// <param name="Model">The workload that makes such rows; null where only real ones will do.</param>
/// <param name="ModelDay">The day of the model's rows that the set begins at.</param>
/// <param name="ModelDays">How many of its days belong to it; null for as many as are wanted.</param>
public sealed record DataSection(
    string Title, int FromDay, int Days, FilePath? Model = null, int ModelDay = 0, int? ModelDays = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (FromDay < 0)
        {
            yield return (nameof(FromDay), $"found {FromDay}, expected 0 or more");
        }

        if (Days < 1)
        {
            yield return (nameof(Days), $"found {Days}, expected at least 1");
        }
    }
}

/// <summary>A figure, table or demonstration of the paper; the name of its file is what the command calls it.</summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Title">What the original shows.</param>
/// <param name="Source">Where the original is.</param>
/// <param name="Reproduction">How it is made.</param>
/// <param name="Needs">The sets of rows that it is made from; the verdict says so where one is missing.</param>
/// <param name="About">What is special about it; shown on the page.</param>
/// <param name="Published">What was published, and what it is compared with.</param>
/// <param name="GeneratedShare">
/// The share of the numbers that must be within their tolerances where rows are generated, for chance moves some; of
/// real rows all must be.
/// </param>
public sealed record FigureFile(
    [property: AllowedValues(1)] int Schema, string Title, string Source,
    PartChoice<IReproduction, NoContext> Reproduction, [property: MinLength(1)] IReadOnlyList<string> Needs,
    [property: DefaultValue("[]")] IReadOnlyList<PublishedNumber> Published, string? About = null,
    double GeneratedShare = 0.9) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != 1)
        {
            yield return (nameof(Schema), $"found {Schema}, expected 1");
        }

        if (Needs.Count == 0)
        {
            yield return (nameof(Needs), "found no set of data, expected at least one");
        }

        if (!(GeneratedShare is > 0 and <= 1))
        {
            yield return (nameof(GeneratedShare), $"found {GeneratedShare}, expected a number above 0, at most 1");
        }

        foreach (string twice in Published.GroupBy(p => p.Number).Where(g => g.Count() > 1).Select(g => g.Key))
        {
            yield return (nameof(Published), $"found '{twice}' twice, expected it once");
        }
    }
}

/// <summary>A number that was published about the original.</summary>
/// <param name="Number">What it is of, as the reproduction calls it.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">The number; null where the original has one that is not known.</param>
/// <param name="From">Who says so: the paper, its figure as digitised or read by eye, or the real rows.</param>
/// <param name="Relative">How far ours may be off, as a share of it.</param>
/// <param name="Absolute">How far ours may be off, in its unit; the wider of the two counts.</param>
/// <param name="Generated">How far ours may be off of generated rows, as a share; null for no further.</param>
/// <param name="Data">The set of rows that it is of; null for the first that the figure needs.</param>
/// <param name="Fitted">Whether the model that makes generated rows was fitted on it.</param>
public sealed record PublishedNumber(
    string Number, string Unit, double? Value = null, NumberSource From = NumberSource.Paper, double Relative = 0,
    double Absolute = 0, double? Generated = null, string? Data = null, bool Fitted = false);

/// <summary>Where a published number comes from.</summary>
public enum NumberSource
{
    /// <summary>The paper's text, or what quotes it.</summary>
    Paper,

    /// <summary>Measured in pixels on the original picture.</summary>
    Digitised,

    /// <summary>Read off the original picture by eye.</summary>
    ReadByEye,

    /// <summary>Counted on the published rows by others, where the paper's own number is unknown.</summary>
    Rows,
}
