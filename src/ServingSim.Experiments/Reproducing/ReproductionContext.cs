using System.Globalization;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Reproducing;

/// <summary>What a reproduction works with.</summary>
/// <param name="Figure">What its file says.</param>
/// <param name="Data">The rows that it is made from.</param>
/// <param name="Seed">The seed of all draws.</param>
/// <param name="Runs">Runs simulations side by side; its token ends the work.</param>
/// <param name="Catalog">The parts that scenarios can name.</param>
public sealed record ReproductionContext(
    PackFigure Figure, PackData Data, long Seed, ParallelRuns Runs, Catalog Catalog)
{
    /// <summary>The rows of the first set of data that the figure needs.</summary>
    public DataSet FirstData => Data.Get(Figure.File.Needs[0]);

    /// <summary>
    /// A set of rows that an option names; null where no row is given of it. Throws <see cref="ScenarioException"/>
    /// where the pack knows no such set.
    /// </summary>
    public DataSet? Find(string name) => Data.Names.Contains(name) ? Data.Find(name)
        : throw Wrong(
            "reproduction", $"there is no set of data {Names.Quote(name)}{Names.Known(name, [.. Data.Names])}");

    /// <summary>A scenario with settings laid over it, and the seed that the user asked for.</summary>
    public LoadedScenario Read(FilePath scenario, IReadOnlyList<string> settings) => LoadedScenario.Read(
        scenario.FullPath, [.. settings, string.Create(CultureInfo.InvariantCulture, $"seed={Seed}")], Catalog);

    /// <summary>That something in the figure's file cannot be done with these rows.</summary>
    internal ScenarioException Wrong(string key, string problem) =>
        new([new ScenarioError(Paths.Shown(Data.FileOf(Figure)), key, problem)]);
}
