using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Options of <c>mooncake-trace</c>: which rows of a Mooncake JSONL file are replayed, and how fast.</summary>
/// <param name="Path">The JSONL file, also compressed by gzip.</param>
/// <param name="From">
/// Start of the window on the trace's axis, and time 0 of the simulation; the first row's instant without it.
/// </param>
/// <param name="To">End of the window, itself outside; the end of the file without it.</param>
/// <param name="TimeScale">By what times are divided: 2 replays twice as fast.</param>
/// <param name="BlockTokens">Tokens behind each of a row's hash ids, but for the last of the row.</param>
public sealed record MooncakeOptions(
    FilePath Path, SimTime? From = null, SimTime? To = null, double TimeScale = 1,
    int BlockTokens = MooncakeRows.UsualBlockTokens) : IValidated, ITraceOptions
{
    TraceWindow ITraceOptions.Window => Window;

    IReadOnlyList<string> ITraceOptions.RowLabels => [];

    private TraceWindow Window => new(From, To, TimeScale);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string? Parameter, string Problem) problem in Window.Problems())
        {
            yield return problem;
        }

        if (BlockTokens < 1)
        {
            yield return (nameof(BlockTokens), $"found {BlockTokens}, expected at least 1");
        }
    }

    ITraceOptions ITraceOptions.Times(double factor) => this with { TimeScale = TimeScale * factor };

    ITraceRows ITraceOptions.Open(RandomStreams streams) => new MooncakeRows(Path, BlockTokens);
}
