using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Which part of a trace is replayed, and how fast; every trace's options have these three.</summary>
/// <param name="From">Start of the window on the trace's axis, and simulated time 0; null: the first row.</param>
/// <param name="To">End of the window, itself outside; null: the end of the file.</param>
/// <param name="TimeScale">By what times are divided.</param>
internal readonly record struct TraceWindow(SimTime? From, SimTime? To, double TimeScale)
{
    internal IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (From < SimTime.Zero)
        {
            yield return (nameof(From), $"found {From}, expected 0 or later");
        }

        if (To <= (From ?? SimTime.Zero))
        {
            yield return (nameof(To), $"found {To}, expected later than {From ?? SimTime.Zero}");
        }

        if (!(TimeScale is >= 1e-6 and <= 1e6))
        {
            yield return (nameof(TimeScale), $"found {TimeScale}, expected a number from 1e-6 to 1e6");
        }
    }
}
