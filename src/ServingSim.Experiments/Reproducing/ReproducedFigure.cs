namespace ServingSim.Experiments.Reproducing;

/// <summary>What a reproduction gives: pictures, tables, and its numbers.</summary>
/// <param name="Pictures">Each is drawn as NAME.png and NAME.svg; what is drawn is written as NAME.csv.</param>
/// <param name="Tables">Each is shown on the page and written as NAME.csv.</param>
/// <param name="Ours">
/// Our numbers, by the names that the figure's file gives to the published ones; null, or left out, of what there are
/// no rows of.
/// A name that the file does not know stands on the page without a published number.
/// </param>
/// <param name="Verdict">
/// What to say of it; null to compare our numbers with the published ones by the tolerances of the file.
/// </param>
/// <param name="Notes">What a reader has to know of how this was made, a sentence or two each.</param>
public sealed record ReproducedFigure(
    IReadOnlyList<Picture> Pictures, IReadOnlyList<PackTable> Tables, IReadOnlyList<OurNumber> Ours,
    Verdict? Verdict = null, IReadOnlyList<string>? Notes = null)
{
    /// <summary>Nothing, because the rows that it needs are not there.</summary>
    internal static ReproducedFigure Without(string reason) =>
        new([], [], [], new Verdict(VerdictKind.DataMissing, reason));
}

/// <summary>A number of ours.</summary>
/// <param name="Number">What it is of.</param>
/// <param name="Value">In the unit that the figure's file tells; null of what there are no rows of.</param>
/// <param name="Low">The lower end of its 95 % confidence interval; null where there is none.</param>
/// <param name="High">The upper end.</param>
/// <param name="IsAbsent">Whether there are rows that do not show what it is of, as a hump that is not there.</param>
public sealed record OurNumber(
    string Number, double? Value, double? Low = null, double? High = null, bool IsAbsent = false);

/// <summary>A table of a reproduction.</summary>
/// <param name="Name">The name of its file, without folder and extension.</param>
/// <param name="Title">What it tells.</param>
/// <param name="Columns">The names of its columns, with units.</param>
/// <param name="Rows">Its rows, numbers with as many digits as they are worth; empty where undefined.</param>
/// <param name="IsShown">Whether it is on the page too; long ones are files only.</param>
public sealed record PackTable(
    string Name, string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows,
    bool IsShown = true);
