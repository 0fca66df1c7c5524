using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Options of <c>trace</c>: which rows of a BurstGPT file are replayed, and how fast.</summary>
/// <param name="Path">The CSV file.</param>
/// <param name="From">
/// Start of the window on the trace's axis (seconds since its day 0), and time 0 of the simulation.
/// Without it both are the first row's second: BurstGPT_3, whose axis starts at day 225, then starts at once.
/// </param>
/// <param name="To">End of the window, itself outside; the end of the file without it.</param>
/// <param name="Models">Only rows of these models, as the file names them: ChatGPT, GPT-4. All without it.</param>
/// <param name="LogTypes">Only rows of these services: conversation, api, or the file's names. All without it.</param>
/// <param name="TimeScale">By what times are divided: 2 replays twice as fast.</param>
/// <param name="SpreadTies">
/// Whether requests of one second of the trace's clock arrive at random instants within it, in file order, before
/// scaling. Otherwise they all arrive at its start.
/// </param>
public sealed record BurstGptOptions(
    FilePath Path, SimTime? From = null, SimTime? To = null, IReadOnlyList<string>? Models = null,
    IReadOnlyList<string>? LogTypes = null, double TimeScale = 1, bool SpreadTies = true) : IValidated, ITraceOptions
{
    private static readonly (string Short, string Full)[] KnownLogTypes =
        [("conversation", "Conversation log"), ("api", "API log")];

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string? Parameter, string Problem) problem in Window.Problems())
        {
            yield return problem;
        }

        const string NoName = "found none, which leaves no row; leave it out for all rows";
        if (Models is [])
        {
            yield return (nameof(Models), NoName);
        }

        if (LogTypes is [])
        {
            yield return (nameof(LogTypes), NoName);
        }
    }

    TraceWindow ITraceOptions.Window => Window;

    IReadOnlyList<string> ITraceOptions.RowLabels =>
        [Traces.RowLabels.Model, Traces.RowLabels.LogType, Traces.RowLabels.Session];

    private TraceWindow Window => new(From, To, TimeScale);

    ITraceOptions ITraceOptions.Times(double factor) => this with { TimeScale = TimeScale * factor };

    ITraceRows ITraceOptions.Open(RandomStreams streams) => new TiedRows(this, streams);

    /// <summary>Whether a row is of the models and services asked for.</summary>
    internal bool Selects(in BurstGptRow row) =>
        (Models is null || Models.Contains(row.Model)) && (LogTypes is null || Selects(LogTypes, row.LogType));

    /// <summary>Whether a log type asked for, also a short one, is the file's.</summary>
    internal static bool IsLogType(string asked, string inFile) =>
        asked == inFile || KnownLogTypes.Contains((asked, inFile));

    private static bool Selects(IReadOnlyList<string> logTypes, string inFile)
    {
        foreach (string logType in logTypes)
        {
            if (IsLogType(logType, inFile))
            {
                return true;
            }
        }

        return false;
    }
}
