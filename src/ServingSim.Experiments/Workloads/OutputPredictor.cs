using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Options of <c>workload.prediction</c>.</summary>
/// <param name="Error">
/// The standard deviation of the logarithm of predicted over true length: 0 predicts exactly, 0.7 errs by a factor of
/// about 2.
/// </param>
/// <param name="Bias">The median of predicted over true length.</param>
public sealed record PredictionOptions(double Error = 0, double Bias = 1) : IValidated
{
    private const double MostError = 10;
    private const double MostBias = 1000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Error is not (>= 0 and <= MostError))
        {
            yield return (nameof(Error), $"found {Error}, expected 0 to {MostError}");
        }

        if (Bias is not (> 0 and <= MostBias))
        {
            yield return (nameof(Bias), $"found {Bias}, expected more than 0 and at most {MostBias}");
        }
    }
}

/// <summary>
/// Predicts how long an output will be as a model of some skill would: its true length times a lognormal error, a whole
/// number of tokens, at least one. Errors are drawn from a stream of their own by the items that lengths are drawn by,
/// so that a better predictor changes nothing but the predictions.
/// </summary>
public sealed class OutputPredictor(PredictionOptions options, RandomStreams streams)
{
    private readonly RandomStream _errors = streams.Stream("prediction-errors");

    /// <summary>The prediction for the output of request <paramref name="item"/>, in tokens.</summary>
    public int Predict(int outputTokens, long item) => Predict(outputTokens, _errors.At(item));

    /// <summary>
    /// The prediction for the output of item (<paramref name="first"/>, <paramref name="second"/>), such as a client's
    /// turn, in tokens.
    /// </summary>
    public int Predict(int outputTokens, long first, long second) => Predict(outputTokens, _errors.At(first, second));

    private int Predict(int outputTokens, Draws draws)
    {
        double factor = options.Bias * PortableMath.Exp(options.Error * draws.NextNormal());
        return (int)Math.Clamp(Math.Round(outputTokens * factor, MidpointRounding.AwayFromZero), 1, int.MaxValue);
    }
}
