using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Sweeping;

/// <summary>Computes what a sweep's folder lacks. Whatever has been computed stays, however this ends.</summary>
public static class SweepRun
{
    /// <summary>
    /// Runs the units of a shard that have no result yet, or a damaged one; throws what is wrong with a scenario.
    /// </summary>
    /// <param name="sweep">What is computed.</param>
    /// <param name="store">Where results are kept.</param>
    /// <param name="shard">Which part of the units.</param>
    /// <param name="parallel">How many simulations run at a time, and when to stop early.</param>
    /// <param name="progress">
    /// Hears how many of how many runs have ended, first of none; from several threads.
    /// </param>
    /// <returns>How many units were run, and how many had been before.</returns>
    public static (int Run, int Skipped) Execute(
        Sweep sweep, UnitStore store, Shard shard, ParallelRuns parallel, Action<int, int> progress)
    {
        PlannedUnit[] units = [.. sweep.Plan.Units.Where((_, i) => shard.Holds(i))];
        PlannedUnit[] missing = [.. units.Where(u => store.Read(u.Id) is null)];
        int done = 0;
        progress(0, missing.Length);
        parallel.Map(missing.Length, i =>
        {
            store.Write(sweep.Run(missing[i], parallel.Cancellation));
            progress(Interlocked.Increment(ref done), missing.Length);
            return true;
        });
        return (missing.Length, units.Length - missing.Length);
    }
}
