using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Cluster;
using ServingSim.Engine.Scheduling;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// One run: what comes in, what serves it, and what is reported. The constructor's parameters are the file's keys.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Name">Names the results.</param>
/// <param name="Workload">What comes in.</param>
/// <param name="Cluster">What serves it.</param>
/// <param name="Slo">Latency limits; none by default.</param>
/// <param name="ReportBy">Labels that get figures of their own.</param>
/// <param name="Outputs">What is written beside the summary and the requests.</param>
/// <param name="Replications">How often it runs, with other chance, for confidence intervals.</param>
/// <param name="Seed">The seed of all draws.</param>
/// <param name="Duration">Requests arrive before this time; needed unless <c>requests</c> or a trace ends the
/// workload.</param>
/// <param name="Requests">At most so many requests.</param>
/// <param name="Warmup">Requests that arrive before are simulated, but counted apart.</param>
/// <param name="Stop">What happens after the last arrival.</param>
/// <param name="Clients">What clients do beside waiting; without it they wait, however long it takes.</param>
public sealed record Scenario(
    [property: AllowedValues(Scenario.CurrentSchema)] int Schema,
    string Name,
    WorkloadSection Workload,
    ClusterSection Cluster,
    [property: DefaultValue("{}")] SloSection Slo,
    [property: DefaultValue("[]")] IReadOnlyList<string> ReportBy,
    [property: DefaultValue("{}")] OutputsSection Outputs,
    [property: DefaultValue("{}")] ReplicationsSection Replications,
    long Seed = 1,
    SimTime? Duration = null,
    long? Requests = null,
    SimTime Warmup = default,
    StopRule Stop = StopRule.Drain,
    ClientsSection? Clients = null) : IValidated
{
    private const int CurrentSchema = 1;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {CurrentSchema}");
        }

        if (Names.FolderProblem(Name) is { } problem)
        {
            yield return (nameof(Name), problem);
        }

        foreach (string label in ReportBy.CountBy(l => l).Where(l => l.Value > 1).Select(l => l.Key))
        {
            yield return (nameof(ReportBy), $"found '{label}' twice, expected it once");
        }

        foreach ((string?, string) unknown in UnknownLabels())
        {
            yield return unknown;
        }

        if (Requests < 1)
        {
            yield return (nameof(Requests), $"found {Requests}, expected at least 1");
        }

        if (Stop == StopRule.Cut && Duration is null)
        {
            yield return (nameof(Stop), "found cut, which needs a duration to cut at");
        }

        if (Duration == SimTime.Zero)
        {
            yield return (nameof(Duration), "found 0, expected more");
        }

        if (Warmup >= Duration)
        {
            yield return (nameof(Warmup), "is not shorter than the duration, so that nothing would be counted");
        }

        foreach ((string pool, PoolSection section) in Cluster.Pools)
        {
            string? missing = section.Engine.Policy.Options is LengthOrderOptions { By: not LengthMeasure.PromptTokens }
                ? Workload.MissingPredictions("workload").FirstOrDefault()
                : null;
            if (missing is not null)
            {
                yield return (
                    $"cluster.pools.{pool}.engine.policy",
                    $"orders requests by predicted lengths, but nothing predicts them; expected {missing}");
            }
        }
    }

    /// <summary>Labels and values that are asked for, and that no request can have.</summary>
    private IEnumerable<(string? Parameter, string Problem)> UnknownLabels()
    {
        KnownLabels known = KnownLabels.Of(Workload);
        return
        [
            .. ReportBy.SelectMany((label, i) => Told($"report_by.{i}", known.ProblemOf(label))),
            .. Slo.ByLabel.SelectMany((l, i) => OfBoth($"slo.by_label.{i}", l.Label, l.Value)),
            .. (Clients?.ByLabel ?? []).SelectMany((l, i) => OfBoth($"clients.by_label.{i}", l.Label, l.Value)),
            .. OfPart("cluster.admission", Cluster.Admission.Options),
            .. OfPart("cluster.router", Cluster.Router.Options),
            .. OfPart("cluster.disaggregation.decode_router", Cluster.Disaggregation?.DecodeRouter.Options),
            .. Cluster.Pools.SelectMany(pool => pool.Value.Serves.SelectMany(serves => OfServed(
                $"cluster.pools.{pool.Key}.serves.{serves.Key}", serves.Key, serves.Value))),
        ];

        IEnumerable<(string?, string)> OfPart(string path, object? options) =>
            (options as ILabelOptions)?.RequiredLabel is (string parameter, string label)
                ? Told($"{path}.{Names.Snake(parameter)}", known.ProblemOf(label))
                : [];

        IEnumerable<(string?, string)> OfBoth(string path, string label, string value) =>
        [
            .. Told($"{path}.label", known.ProblemOf(label)), .. Told($"{path}.value", known.ProblemOf(label, value)),
        ];

        IEnumerable<(string?, string)> OfServed(string path, string label, IReadOnlyList<string> values) =>
            known.ProblemOf(label) is { } problem
                ? [(path, problem)]
                : values.SelectMany((value, i) => Told($"{path}.{i}", known.ProblemOf(label, value)));

        static IEnumerable<(string?, string)> Told(string path, string? problem) =>
            problem is null ? [] : [(path, problem)];
    }
}

/// <summary>What happens after the last arrival.</summary>
public enum StopRule
{
    /// <summary>Arrivals stop, and the rest finishes.</summary>
    Drain,

    /// <summary>Time stops at the duration, and what has not finished counts as unfinished.</summary>
    Cut,
}

/// <summary>Latency limits for all requests, and for those with some label.</summary>
/// <param name="ByLabel">Limits that hold instead for requests with a label's value; the first that fits holds.</param>
/// <param name="TtftMs">Limit of the time to first token, in ms.</param>
/// <param name="TpotMs">Limit of the time per output token, in ms.</param>
/// <param name="E2elMs">Limit of the end-to-end latency, in ms.</param>
public sealed record SloSection(
    [property: DefaultValue("[]")] IReadOnlyList<LabelSlo> ByLabel,
    double? TtftMs = null,
    double? TpotMs = null,
    double? E2elMs = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        new (string Parameter, double? Limit)[]
        {
            (nameof(TtftMs), TtftMs), (nameof(TpotMs), TpotMs), (nameof(E2elMs), E2elMs),
        }
        .Where(l => l.Limit <= 0)
        .Select(l => ((string?)l.Parameter, $"found {l.Limit}, expected more than 0"));

    /// <summary>The limits as the results judge by them.</summary>
    internal SloTargets Targets() => new(
        TtftMs is null && TpotMs is null && E2elMs is null ? null : new SloTarget(TtftMs, TpotMs, E2elMs),
        ByLabel);
}

/// <summary>What is written beside the summary and the requests.</summary>
/// <param name="TimeseriesInterval">The length of a window of timeseries.csv.</param>
/// <param name="Requests">
/// Which requests requests.csv has a row for. Unless all, memory does not grow with their number, and percentiles of
/// their latencies come from a sketch.
/// </param>
/// <param name="SampleEvery">Of how many requests, on average, one is in a sample.</param>
/// <param name="Format">
/// Whether requests, time series and steps are written as .csv files, as .parquet files with the same columns and
/// types, or as both.
/// </param>
/// <param name="FailuresInterval">
/// The length of a window of failures.csv, which tells what failed in the trace beside what failed in the run; without
/// it neither is written.
/// </param>
public sealed record OutputsSection(
    [property: DefaultValue("1m")] SimTime TimeseriesInterval,
    RequestRows Requests = RequestRows.All,
    int SampleEvery = OutputsSection.UsualSampleEvery,
    TableFormat Format = TableFormat.Csv,
    SimTime? FailuresInterval = null) : IValidated
{
    private const int UsualSampleEvery = 100;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (TimeseriesInterval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(TimeseriesInterval), $"found {TimeseriesInterval}, expected at least 1ms");
        }

        if (FailuresInterval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(FailuresInterval), $"found {FailuresInterval}, expected at least 1ms");
        }

        if (SampleEvery < 1)
        {
            yield return (nameof(SampleEvery), $"found {SampleEvery}, expected at least 1");
        }

        if (Requests != RequestRows.Sample && SampleEvery != UsualSampleEvery)
        {
            yield return (
                nameof(SampleEvery), $"found {SampleEvery}, but nothing is sampled; expected requests: sample");
        }
    }

    /// <summary>What counts failures; null where nobody asks.</summary>
    internal FailureTally? FailureTally(IReadOnlyList<string> reportBy) =>
        FailuresInterval is { } interval ? new FailureTally(interval, reportBy) : null;

    /// <summary>Which requests get a row.</summary>
    internal RequestSelection Selection() => new(Requests, SampleEvery);
}
