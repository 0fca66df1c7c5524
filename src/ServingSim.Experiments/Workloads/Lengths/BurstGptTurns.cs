using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// Turns of a conversation as BurstGPT_3 has them (55,920 sessions): its shares of 1 to 10 turns, then a geometric
/// tail that gives its mean of 4.18 and its 99th percentile of 31.
/// </summary>
public sealed class BurstGptTurns : ILengths
{
    private const double TailContinuation = 0.9075;
    private static readonly double[] Shares = [.355, .204, .119, .076, .051, .037, .028, .021, .018, .013];

    /// <inheritdoc/>
    public int Draw(ref Draws draws)
    {
        double rest = draws.NextUnit();
        for (int i = 0; i < Shares.Length; i++)
        {
            if (rest < Shares[i])
            {
                return i + 1;
            }

            rest -= Shares[i];
        }

        return Shares.Length + 1 + (int)(draws.NextExponential() / -PortableMath.Log(TailContinuation));
    }
}
