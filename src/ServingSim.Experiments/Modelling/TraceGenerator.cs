using ServingSim.Cluster;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>What was generated.</summary>
/// <param name="Output">The file, as the user named it.</param>
/// <param name="Format">How it is written.</param>
/// <param name="Rows">Rows written.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="Dropped">Failed requests that the format cannot tell of, and so are not written.</param>
/// <param name="LastS">When the last row came, in seconds.</param>
/// <param name="Notes">What the format cannot hold.</param>
public sealed record GeneratedTrace(
    string Output, TraceFormat Format, long Rows, long Failed, long Dropped, double LastS,
    IReadOnlyList<string> Notes);

/// <summary>
/// Writes the requests of a workload as a trace, one after the other: each is answered at once, so that conversations
/// go on after their gaps. What labels <c>model</c>, <c>log_type</c> and <c>session</c> say becomes the row's.
/// </summary>
public sealed class TraceGenerator
{
    private const int RowsBetweenLooks = 4096;

    private readonly WorkloadFile _file;
    private readonly string _output;
    private readonly TraceFormat _to;
    private readonly int _blockTokens;
    private readonly Memo<Labels, (RowNames Names, string? Failed)> _names =
        new(NamesOf, ReferenceEqualityComparer.Instance);
    private long _rows;
    private long _failed;
    private long _dropped;
    private SimTime _last;
    private bool _hasTold;
    private TraceFacts _lost;

    private TraceGenerator(WorkloadFile file, string output, TraceFormat to, int blockTokens) =>
        (_file, _output, _to, _blockTokens) = (file, output, to, blockTokens);

    /// <summary>
    /// Writes a trace; the file takes its name when it is complete. What is wrong with the workload is a
    /// <see cref="ScenarioException"/>, what cannot be written a <see cref="TraceException"/>.
    /// </summary>
    /// <param name="path">The file that the workload was read from, as the user named it.</param>
    /// <param name="file">What it says.</param>
    /// <param name="output">The file to write, compressed by gzip where its name ends in .gz.</param>
    /// <param name="to">Its format; null to tell it by its name: BurstGPT unless that ends in .jsonl.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file.</param>
    /// <param name="overwrites">Whether a file that is there already is replaced.</param>
    /// <param name="catalog">The parts that it is made of.</param>
    /// <param name="cancellation">Ends it without a file.</param>
    public static GeneratedTrace Run(
        string path, WorkloadFile file, string output, TraceFormat? to, int blockTokens, bool overwrites,
        Catalog catalog, CancellationToken cancellation)
    {
        TraceFormat format = to ?? TraceFormats.OfName(output) ?? TraceFormat.BurstGpt;
        TraceConverter.CheckTarget(TraceFile.Named(path), output, overwrites);
        if (!file.Workload.HasRate)
        {
            throw new ScenarioException(
            [
                new ScenarioError(path, "workload.source", "a closed loop has no times but those of who answers it"),
            ]);
        }

        return new TraceGenerator(file, output, format, blockTokens).Run(path, overwrites, catalog, cancellation);
    }

    private GeneratedTrace Run(string path, bool overwrites, Catalog catalog, CancellationToken cancellation)
    {
        using IWorkload workload = WorkloadContext.Create(
            Predicting(_file.Workload, catalog), _file.Seed, new WorkloadLimits(_file.Duration, _file.Requests), path,
            givesFailures: true);
        string target = TraceFile.FullPath(_output, "a file to write");
        string partial = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.partial");
        try
        {
            using (ITraceWriter writer = TraceConverter.OpenWriter(partial, _output, _to, Facts(), _blockTokens))
            {
                while (workload.NextArrival is { } arrival)
                {
                    ClientRequest request = workload.Take();
                    Write(request, writer);
                    workload.OnFinished(
                        request, ClientOutcome.Completed, arrival, request.PredictedOutputTokens!.Value);
                    if (_rows % RowsBetweenLooks == 1)
                    {
                        cancellation.ThrowIfCancellationRequested();
                    }
                }
            }

            File.Move(partial, target, overwrites);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }

        return new GeneratedTrace(_output, _to, _rows, _failed, _dropped, _last.TotalSeconds, [.. Notes()]);
    }

    private void Write(ClientRequest request, ITraceWriter writer)
    {
        (RowNames names, string? failed) = _names.Of(request.Labels);
        _last = request.Arrival;
        if (failed is not null && _to == TraceFormat.Mooncake)
        {
            _dropped++;
            return;
        }

        // BurstGPT's clock has whole seconds
        SimTime time = _to == TraceFormat.BurstGpt
            ? new SimTime(request.Arrival.Ticks / SimTime.TicksPerSecond * SimTime.TicksPerSecond)
            : request.Arrival;
        int prompt = failed is null or ServiceWorkload.KnownSize ? request.PromptTokens : 0;
        int output = failed is null ? request.PredictedOutputTokens!.Value : 0;
        _lost |= writer.Write(new TraceRow(_rows + 1, time, prompt, output) { Names = names });
        _hasTold = true;
        _rows++;
        _failed += failed is null ? 0 : 1;
    }

    private TraceFacts Facts() => TraceFacts.Model | TraceFacts.LogType
        | (HasSessions(_file.Workload) ? TraceFacts.Session : TraceFacts.None);

    private IEnumerable<string> Notes()
    {
        if (_hasTold && _lost != TraceFacts.None)
        {
            yield return $"the format does not hold: {_lost}";
        }

        if (_dropped > 0)
        {
            yield return $"{_dropped:N0} failed requests are left out: the format knows none";
        }
    }

    private static bool HasSessions(WorkloadSection section) => section.Source.Options switch
    {
        MixOptions mix => mix.Parts.Any(HasSessions),
        SessionsOptions => true,
        _ => false,
    };

    /// <summary>A predictor that never errs tells output lengths, which a client request keeps to itself.</summary>
    internal static WorkloadSection Predicting(WorkloadSection section, Catalog catalog) =>
        section.Source.Options is MixOptions mix ? section with
        {
            Source = catalog.Workloads.Choose(
                section.Source.Name, mix with { Parts = [.. mix.Parts.Select(p => Predicting(p, catalog))] }),
        }
        : section with { Prediction = new PredictionOptions() };

    private static (RowNames Names, string? Failed) NamesOf(Labels labels) => (
        new RowNames(
            labels["model"], labels["log_type"] ?? LogTypeOf(labels["service"]), labels[SessionsWorkload.Label],
            labels["tenant"]),
        labels[ServiceWorkload.FailedLabel]);

    /// <summary>What BurstGPT calls the services that our scenarios name.</summary>
    private static string? LogTypeOf(string? service) => service switch
    {
        "conversation" => "Conversation log",
        "api" => "API log",
        _ => service,
    };
}
