using CsvHelper;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes <c>timeseries.csv</c>, window by window; times and means have 6 decimals. Closing it closes the stream.
/// </summary>
public sealed class TimeSeriesCsv : IDisposable
{
    private readonly CsvWriter _csv;

    /// <summary>Starts a file with its header.</summary>
    public TimeSeriesCsv(Stream stream) => _csv = CsvFields.Open(
        stream, "t_s", "pool", "arrived", "refused", "completed", "running_mean", "waiting_mean", "kv_cache_usage_mean",
        "ttft_p50_s", "ttft_p99_s", "preemptions", "prompt_tokens", "output_tokens");

    /// <summary>Adds a row.</summary>
    public void Write(TimeSeriesRecord window)
    {
        CsvFields.Fixed(_csv, window.StartS, 6);
        _csv.WriteField(window.Pool);
        _csv.WriteField(window.Arrived, default);
        _csv.WriteField(window.Refused, default);
        _csv.WriteField(window.Completed, default);
        CsvFields.Fixed(_csv, window.RunningMean, 6);
        CsvFields.Fixed(_csv, window.WaitingMean, 6);
        CsvFields.Fixed(_csv, window.KvCacheUsageMean, 6);
        CsvFields.Fixed(_csv, window.TtftP50S, 6);
        CsvFields.Fixed(_csv, window.TtftP99S, 6);
        _csv.WriteField(window.Preemptions, default);
        _csv.WriteField(window.PromptTokens, default);
        _csv.WriteField(window.OutputTokens, default);
        _csv.EndRecord();
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();
}
