using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Reproducing;

/// <summary>A pack's figures as they were reproduced.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Seed">The seed of all draws.</param>
/// <param name="Figures">The figures, in the order of the page.</param>
public sealed record ReproducedPack(Pack Pack, long Seed, IReadOnlyList<Comparison> Figures);

/// <summary>Reproduces figures of a pack.</summary>
public static class Reproducer
{
    /// <summary>The figures one after the other; simulations within one run side by side.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="figures">Those of its figures to make.</param>
    /// <param name="data">The rows that they are made from.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <param name="runs">Runs simulations side by side; its token ends the work.</param>
    /// <param name="catalog">The parts that scenarios can name.</param>
    /// <param name="report">Told of each figure before it is made; null for nobody.</param>
    public static ReproducedPack Run(
        Pack pack, IReadOnlyList<PackFigure> figures, PackData data, long seed, ParallelRuns runs, Catalog catalog,
        Action<PackFigure>? report = null)
    {
        List<Comparison> made = [];
        foreach (PackFigure figure in figures)
        {
            runs.Cancellation.ThrowIfCancellationRequested();
            report?.Invoke(figure);
            bool hasData = figure.File.Needs.All(name => data.Find(name) is not null);
            ReproducedFigure? result = hasData
                ? figure.File.Reproduction.Create(default).Run(
                    new ReproductionContext(figure, data, seed, runs, catalog))
                : null;
            made.Add(Comparison.Of(figure, result, data));
        }

        return new ReproducedPack(pack, seed, made);
    }
}
