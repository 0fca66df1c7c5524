using ServingSim.Cluster;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>
/// What a workload's source is made with. A source asks for the arrivals and lengths that it needs; what a scenario
/// says and the source does not ask for is an error, so that nothing is ignored.
/// </summary>
public sealed class WorkloadContext
{
    private readonly WorkloadSection _section;
    private readonly string _file;
    private readonly string _path;
    private bool _arrivalsUsed;
    private bool _lengthsUsed;
    private bool _predictionUsed;

    private WorkloadContext(
        WorkloadSection section, string file, string path, RandomStreams streams, WorkloadLimits limits, Labels labels,
        bool givesFailures, Action<SimTime, Labels>? failed)
    {
        (_section, _file, _path) = (section, file, path);
        (Streams, Limits, Labels, GivesFailures, Failed) = (streams, limits, labels, givesFailures, failed);
    }

    /// <summary>Chance.</summary>
    public RandomStreams Streams { get; }

    /// <summary>Where the workload ends.</summary>
    public WorkloadLimits Limits { get; }

    /// <summary>Labels that every request carries.</summary>
    public Labels Labels { get; }

    /// <summary>
    /// Whether requests that fail in the workload itself are given too, labelled as such: for traces, not for runs.
    /// </summary>
    internal bool GivesFailures { get; }

    /// <summary>
    /// Hears of each request that failed in the workload itself and is not given, when it would have arrived and with
    /// which labels; null if nobody listens.
    /// </summary>
    internal Action<SimTime, Labels>? Failed { get; }

    /// <summary>When requests arrive; an error if the scenario does not say, or sets no end to them.</summary>
    public IArrivals Arrivals()
    {
        _arrivalsUsed = true;
        RequireEnd();
        return (_section.Arrivals ?? throw Missing("arrivals", "when requests arrive")).Create(Streams);
    }

    /// <summary>For requests that are made up without end: an error if the scenario sets none.</summary>
    public void RequireEnd()
    {
        if (Limits is { Duration: null, Requests: null })
        {
            throw Error(
                "duration", "missing: made-up arrivals do not end by themselves; expected duration or requests");
        }
    }

    /// <summary>Prompt and output lengths; an error if the scenario does not say.</summary>
    public IJointLengths Lengths()
    {
        _lengthsUsed = true;
        if (_section.Lengths is not null)
        {
            return _section.Lengths.Create(Streams);
        }

        return _section is { PromptTokens: { } prompt, OutputTokens: { } output }
            ? new IndependentLengths(prompt.Create(Streams), output.Create(Streams))
            : throw Missing(
                "lengths", "how long prompts and outputs are (or prompt_tokens and output_tokens)");
    }

    /// <summary>What predicts output lengths; null where the scenario has no prediction.</summary>
    public OutputPredictor? Predictor()
    {
        _predictionUsed = true;
        return _section.Prediction is { } options ? new OutputPredictor(options, Streams) : null;
    }

    /// <summary>
    /// Makes the workload of one part of this one: with this one's labels and its own, and with streams of its own, so
    /// that parts do not change one another's draws. Its limits are those of the whole.
    /// </summary>
    public IWorkload CreatePart(WorkloadSection part, int index) => new WorkloadContext(
        part,
        _file,
        $"{_path}.source.parts.{index}",
        new RandomStreams((long)Mixing.Combine((ulong)Streams.Seed, (ulong)index)),
        Limits,
        Labels.With(part.Labels),
        GivesFailures,
        Failed).Create();

    /// <summary>Makes the workload of a scenario; throws <see cref="ScenarioException"/>.</summary>
    public static IWorkload Create(Scenario scenario, string file) => Create(scenario, file, failed: null);

    /// <summary>As <see cref="Create(Scenario, string)"/>; tells of requests that failed in the trace.</summary>
    internal static IWorkload Create(Scenario scenario, string file, Action<SimTime, Labels>? failed)
    {
        return Create(
            scenario.Workload, scenario.Seed, new WorkloadLimits(scenario.Duration, scenario.Requests), file,
            givesFailures: false, failed);
    }

    /// <summary>Makes a workload that no scenario holds; throws <see cref="ScenarioException"/>.</summary>
    internal static IWorkload Create(
        WorkloadSection section, long seed, WorkloadLimits limits, string file, bool givesFailures,
        Action<SimTime, Labels>? failed = null)
    {
        WorkloadContext context = new(
            section,
            file,
            "workload",
            new RandomStreams(seed),
            limits,
            new Labels(section.Labels),
            givesFailures,
            failed);
        IWorkload workload = context.Create();
        if (workload.NextArrival is null)
        {
            workload.Dispose();
            throw context.Error("workload", "gives no request before the duration ends, expected at least one");
        }

        return workload;
    }

    private IWorkload Create()
    {
        IWorkload workload = _section.Source.Create(this);
        if (Unused() is { } key)
        {
            workload.Dispose();
            throw Error($"{_path}.{key}", $"the source '{_section.Source.Name}' takes none");
        }

        return _section.Priority == 0 ? workload : new PrioritizedWorkload(workload, _section.Priority);
    }

    private string? Unused() => this switch
    {
        { _arrivalsUsed: false, _section.Arrivals: not null } => "arrivals",
        { _lengthsUsed: false, _section.Lengths: not null } => "lengths",
        { _lengthsUsed: false, _section.PromptTokens: not null } => "prompt_tokens",
        { _predictionUsed: false, _section.Prediction: not null } => "prediction",
        _ => null,
    };

    private ScenarioException Missing(string key, string what) =>
        Error($"{_path}.{key}", $"missing, expected {what}: the source '{_section.Source.Name}' needs it");

    private ScenarioException Error(string key, string message) => new([new ScenarioError(_file, key, message)]);
}
