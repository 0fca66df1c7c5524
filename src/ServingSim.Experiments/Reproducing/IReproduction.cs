namespace ServingSim.Experiments.Reproducing;

/// <summary>How one figure, table or demonstration of a paper is reproduced.</summary>
public interface IReproduction
{
    /// <summary>
    /// What it gives, the same for the same data and seed. Data that a file of the pack says are needed are there, if
    /// perhaps for some of their days only. Whole simulations may run side by side by
    /// <see cref="ReproductionContext.Runs"/>.
    /// </summary>
    ReproducedFigure Run(ReproductionContext context);
}
