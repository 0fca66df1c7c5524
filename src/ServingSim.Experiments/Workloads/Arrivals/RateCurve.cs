using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>A stretch of a rate curve: from the end of the one before, straight from one rate to another.</summary>
/// <param name="End">Where it ends, from the start of the cycle.</param>
/// <param name="FromPerS">Arrivals per second at its start.</param>
/// <param name="ToPerS">Arrivals per second at its end.</param>
internal readonly record struct RatePiece(SimTime End, double FromPerS, double ToPerS);

/// <summary>
/// A rate of arrivals that varies with time, in straight pieces, and starts over where the last ends. A last piece up
/// to <see cref="SimTime.Max"/> never starts over. Some piece has a rate above 0.
/// </summary>
internal sealed class RateCurve(IReadOnlyList<RatePiece> pieces)
{
    private readonly SimTime _cycle = pieces[^1].End;
    private readonly double _arrivalsPerCycle = Enumerable.Range(0, pieces.Count).Sum(
        i => (pieces[i].FromPerS + pieces[i].ToPerS) / 2 * (pieces[i].End - StartOf(pieces, i)).TotalSeconds);

    /// <summary>The instant by which the curve expects so many <paramref name="arrivals"/> after an instant.</summary>
    /// <remarks>
    /// It walks from piece to piece and inverts the integral only inside one, so that a gap keeps its precision however
    /// late it comes.
    /// </remarks>
    internal SimTime After(SimTime from, double arrivals)
    {
        SimTime start = _cycle * (from.Ticks / _cycle.Ticks);
        SimTime at = from;
        int index = 0;
        while (pieces[index].End <= at - start)
        {
            index++;
        }

        while (arrivals > 0)
        {
            (SimTime end, double fromPerS, double toPerS) = pieces[index];
            SimTime pieceStart = StartOf(pieces, index);
            double slope = fromPerS == toPerS ? 0 : (toPerS - fromPerS) / (end - pieceStart).TotalSeconds;
            double rate = fromPerS + (slope * (at - start - pieceStart).TotalSeconds);
            double rest = (rate + toPerS) / 2 * (start + end - at).TotalSeconds;
            if (arrivals < rest)
            {
                // The root of slope/2 x² + rate x = arrivals, in the form that does not cancel
                double root = Math.Sqrt(Math.Max(0, (rate * rate) + (2 * slope * arrivals)));
                return at + SimTime.FromSeconds(2 * arrivals / (rate + root));
            }

            arrivals -= rest;
            at = start + end;
            index++;
            if (index == pieces.Count)
            {
                double wholeCycles = Math.Floor(arrivals / _arrivalsPerCycle);
                arrivals -= wholeCycles * _arrivalsPerCycle;
                (index, at) = (0, at + (_cycle * (long)wholeCycles));
                start = at;
            }
        }

        return at;
    }

    private static SimTime StartOf(IReadOnlyList<RatePiece> pieces, int index) =>
        index == 0 ? SimTime.Zero : pieces[index - 1].End;
}
