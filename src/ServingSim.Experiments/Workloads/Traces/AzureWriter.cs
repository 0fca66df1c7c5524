using System.Globalization;
using CsvHelper;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>Writes an Azure LLM inference CSV file: dates that are exact to 100 ns, rounded down.</summary>
/// <param name="stream">Where to.</param>
/// <param name="zero">The date of the source's time 0.</param>
internal sealed class AzureWriter(Stream stream, DateTimeOffset zero) : ITraceWriter
{
    /// <summary>The date of time 0 where the source has no dates.</summary>
    internal static readonly DateTimeOffset NoDate = DateTimeOffset.UnixEpoch;

    private const long TicksPer100Ns = SimTime.TicksPerSecond / TimeSpan.TicksPerSecond;

    private readonly CsvWriter _csv = CsvFields.Open(stream, AzureRows.Columns);

    /// <inheritdoc/>
    public TraceFacts Write(in TraceRow row)
    {
        DateTimeOffset date = zero + TimeSpan.FromTicks(row.Recorded.Ticks / TicksPer100Ns);
        _csv.WriteField(date.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
        _csv.WriteField(row.PromptTokens, default);
        _csv.WriteField(row.OutputTokens, default);
        _csv.EndRecord();
        return row.Facts | (row.Recorded.Ticks % TicksPer100Ns == 0 ? TraceFacts.None : TraceFacts.FineTime);
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();
}
