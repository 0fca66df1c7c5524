using ServingSim.Experiments.Replicating;

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
}
