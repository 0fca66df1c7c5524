namespace ServingSim.Engine.Latency;

/// <summary>The routed experts of all layers, and their router; no time at all in a dense model.</summary>
/// <param name="Operator">The products of the k experts that each token visits, without the experts' weights.</param>
/// <param name="AllWeightsSeconds">Seconds to read the weights of every expert.</param>
/// <param name="MissProbability">Chance that a token does not visit a given expert: 1 − k/E.</param>
internal readonly record struct RooflineExperts(
    RooflineOperator Operator, double AllWeightsSeconds, double MissProbability)
{
    // Routing is taken as uniform and independent: T tokens visit E·(1 − (1 − k/E)^T) experts on average
    internal double Seconds(int tokens) => AllWeightsSeconds == 0
        ? 0
        : Operator.Seconds(tokens, AllWeightsSeconds * (1 - Power(MissProbability, tokens)));

    /// <summary>By repeated squaring: the same bits on every platform.</summary>
    private static double Power(double x, int exponent)
    {
        double power = 1;
        for (; exponent > 0; exponent >>= 1)
        {
            power *= (exponent & 1) == 1 ? x : 1;
            x *= x;
        }

        return power;
    }
}
