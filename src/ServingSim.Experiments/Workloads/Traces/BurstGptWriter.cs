using CsvHelper;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// Writes a BurstGPT CSV file, in the schema of BurstGPT_3 where the source has sessions. Times keep their fractions,
/// which the published files do not have; a model or log type that the source does not tell is "unknown".
/// </summary>
internal sealed class BurstGptWriter : ITraceWriter
{
    private const string Unknown = "unknown";

    private readonly CsvWriter _csv;
    private readonly bool _hasSessions;

    internal BurstGptWriter(Stream stream, TraceFacts source)
    {
        _hasSessions = (source & (TraceFacts.Session | TraceFacts.ElapsedTime)) != TraceFacts.None;
        string[] sessions = _hasSessions ? ["Session ID", "Elapsed time"] : [];
        _csv = CsvFields.Open(
            stream,
            ["Timestamp", .. sessions, "Model", "Request tokens", "Response tokens", "Total tokens", "Log Type"]);
    }

    /// <inheritdoc/>
    public TraceFacts Write(in TraceRow row)
    {
        if (row.Recorded.Ticks % SimTime.TicksPerSecond == 0)
        {
            _csv.WriteField(row.Recorded.Ticks / SimTime.TicksPerSecond, default);
        }
        else
        {
            CsvFields.Shortest(_csv, row.Recorded);
        }

        if (_hasSessions)
        {
            _csv.WriteField(row.Names.Session);
            _csv.WriteField(row.ElapsedTime);
        }

        _csv.WriteField(row.Names.Model ?? Unknown);
        _csv.WriteField(row.PromptTokens, default);
        _csv.WriteField(row.OutputTokens, default);
        _csv.WriteField((long)row.PromptTokens + row.OutputTokens, default);
        _csv.WriteField(row.Names.LogType ?? Unknown);
        _csv.EndRecord();
        return row.Facts
            & ~(TraceFacts.Model | TraceFacts.LogType | TraceFacts.Session | TraceFacts.ElapsedTime);
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();
}
