using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Options of <c>plain-trace</c>: which rows of a CSV file of one's own are replayed, and how fast.</summary>
/// <param name="Path">The CSV file, also compressed by gzip.</param>
/// <param name="From">Start of the window on the file's axis, and time 0 of the simulation.</param>
/// <param name="To">End of the window, itself outside; the end of the file without it.</param>
/// <param name="TimeScale">By what times are divided: 2 replays twice as fast.</param>
public sealed record PlainOptions(FilePath Path, SimTime From = default, SimTime? To = null, double TimeScale = 1)
    : IValidated, ITraceOptions
{
    TraceWindow ITraceOptions.Window => Window;

    private TraceWindow Window => new(From, To, TimeScale);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Window.Problems();

    ITraceOptions ITraceOptions.Times(double factor) => this with { TimeScale = TimeScale * factor };

    ITraceRows ITraceOptions.Open(RandomStreams streams) => new PlainRows(Path);
}
