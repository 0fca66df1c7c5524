namespace ServingSim.Experiments.Planning;

/// <summary>
/// Finds the greatest factor of a rate that is still enough, if with one factor every smaller one is enough too: from 1
/// it doubles or halves until the answer lies between two factors, and then bisects their logarithms.
/// </summary>
/// <param name="Greatest">The greatest factor known to be enough; null if none was.</param>
/// <param name="IsUnbounded">Whether all factors tried were enough.</param>
/// <param name="Tried">All factors tried, in order.</param>
public sealed record RateSearch(double? Greatest, bool IsUnbounded, IReadOnlyList<double> Tried)
{
    /// <summary>The smallest factor tried.</summary>
    public double Least => Tried.Min();

    /// <summary>Searches.</summary>
    /// <param name="isEnough">Whether a factor is enough.</param>
    /// <param name="tolerance">Ends the search where the least factor that fails is so much above the answer.</param>
    /// <param name="mostDoublings">How often the factor is doubled or halved before the search is given up.</param>
    /// <param name="floor">No factor below this is tried.</param>
    public static RateSearch Run(
        Func<double, bool> isEnough, double tolerance, int mostDoublings = 12, double floor = 0)
    {
        List<double> tried = [];
        bool Try(double factor)
        {
            tried.Add(factor);
            return isEnough(factor);
        }

        bool isFirstEnough = Try(1);
        (double enough, double tooMuch) = (1, 1);
        for (int i = 0; i < mostDoublings && enough == tooMuch; i++)
        {
            double next = isFirstEnough ? tooMuch * 2 : enough / 2;
            if (next < floor)
            {
                break;
            }

            (enough, tooMuch) = (isFirstEnough, Try(next)) switch
            {
                (true, true) => (next, next),
                (true, false) => (enough, next),
                (false, true) => (next, tooMuch),
                _ => (next, next),
            };
        }

        if (enough == tooMuch)
        {
            return new RateSearch(isFirstEnough ? enough : null, isFirstEnough, tried);
        }

        while (tooMuch / enough > 1 + tolerance)
        {
            double middle = Math.Sqrt(enough * tooMuch);
            (enough, tooMuch) = Try(middle) ? (middle, tooMuch) : (enough, middle);
        }

        return new RateSearch(enough, false, tried);
    }
}
