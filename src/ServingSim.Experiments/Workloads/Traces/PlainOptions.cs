using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Options of <c>plain-trace</c>: which rows of a CSV file of one's own are replayed, and how fast.</summary>
/// <param name="Path">The CSV file, also compressed by gzip.</param>
/// <param name="From">Start of the window on the file's axis, and time 0 of the simulation.</param>
/// <param name="To">End of the window, itself outside; the end of the file without it.</param>
/// <param name="TimeScale">By what times are divided: 2 replays twice as fast.</param>
/// <param name="Columns">
/// What the file calls the columns that it does not call arrival_s, prompt_tokens, output_tokens, session, prefix,
/// priority, tenant; prompt_id (the same number, the same prompt) and shared_tokens (so many of a prompt's first tokens
/// an earlier one had too) are read only if they are named here.
/// </param>
public sealed record PlainOptions(
    FilePath Path,
    SimTime From = default,
    SimTime? To = null,
    double TimeScale = 1,
    IReadOnlyDictionary<string, string>? Columns = null) : IValidated, ITraceOptions
{
    TraceWindow ITraceOptions.Window => Window;

    IReadOnlyList<string> ITraceOptions.RowLabels => [Traces.RowLabels.Session, Traces.RowLabels.Tenant];

    private TraceWindow Window => new(From, To, TimeScale);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
    [
        .. Window.Problems(), .. ProblemsOf(Columns?.Keys ?? []).Select(p => ((string?)nameof(Columns), p)),
    ];

    ITraceOptions ITraceOptions.Times(double factor) => this with { TimeScale = TimeScale * factor };

    ITraceRows ITraceOptions.Open(RandomStreams streams) => new PlainRows(Path, Columns);

    /// <summary>What is wrong with the names of columns.</summary>
    internal static IEnumerable<string> ProblemsOf(IEnumerable<string> columns)
    {
        foreach (string name in columns.Except(PlainRows.Known))
        {
            yield return $"unknown column {Names.Quote(name)}{Names.Known(name, [.. PlainRows.Known])}";
        }

        string[] beginnings = [.. columns.Intersect(PlainRows.Beginnings)];
        if (beginnings.Length > 1)
        {
            yield return $"found {string.Join(" and ", beginnings)}, expected one: each tells how prompts begin";
        }
    }
}
