using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Options of <c>azure-trace</c>: which rows of an Azure LLM inference CSV are replayed how fast.</summary>
/// <param name="Path">The CSV file, also compressed by gzip.</param>
/// <param name="From">
/// Start of the window, since the file's first row, and time 0 of the simulation; the first row's instant without it.
/// </param>
/// <param name="To">End of the window, likewise, itself outside; the end of the file without it.</param>
/// <param name="TimeScale">By what times are divided: 2 replays twice as fast.</param>
public sealed record AzureOptions(FilePath Path, SimTime? From = null, SimTime? To = null, double TimeScale = 1)
    : IValidated, ITraceOptions
{
    TraceWindow ITraceOptions.Window => Window;

    IReadOnlyList<string> ITraceOptions.RowLabels => [];

    private TraceWindow Window => new(From, To, TimeScale);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Window.Problems();

    ITraceOptions ITraceOptions.Times(double factor) => this with { TimeScale = TimeScale * factor };

    ITraceRows ITraceOptions.Open(RandomStreams streams) => new AzureRows(Path);
}
