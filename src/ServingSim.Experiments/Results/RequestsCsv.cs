using CsvHelper;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes <c>requests.csv</c>, row by row as requests end. <c>arrival_s</c> has 6 decimals (a double tells microseconds
/// apart for 285 years), latencies have 9. Closing it closes the stream.
/// </summary>
public sealed class RequestsCsv : IDisposable
{
    private readonly CsvWriter _csv;

    /// <summary>Starts a file with its header.</summary>
    public RequestsCsv(Stream stream) => _csv = CsvFields.Open(
        stream, "client_id", "attempt", "arrival_s", "labels", "replica", "prompt_tokens", "output_tokens",
        "cached_tokens", "queue_s", "ttft_s", "tpot_s", "e2e_s", "preemptions", "finish_reason", "warmup", "slo_met");

    /// <summary>Adds a row.</summary>
    public void Write(in RequestRecord request)
    {
        _csv.WriteField(request.ClientId, default);
        _csv.WriteField(request.Attempt, default);
        CsvFields.Fixed(_csv, request.ArrivalS, 6);
        _csv.WriteField(request.Labels);
        _csv.WriteField(request.Replica);
        _csv.WriteField(request.PromptTokens, default);
        _csv.WriteField(request.OutputTokens, default);
        _csv.WriteField(request.CachedTokens, default);
        CsvFields.Fixed(_csv, request.QueueS, 9);
        CsvFields.Fixed(_csv, request.TtftS, 9);
        CsvFields.Fixed(_csv, request.TpotS, 9);
        CsvFields.Fixed(_csv, request.E2eS, 9);
        _csv.WriteField(request.Preemptions, default);
        _csv.WriteField(request.FinishReason);
        CsvFields.Flag(_csv, request.IsWarmup);
        CsvFields.Flag(_csv, request.SloMet);
        _csv.EndRecord();
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();
}
