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
    private bool _arrivalsUsed;
    private bool _lengthsUsed;

    internal WorkloadContext(Scenario scenario, string file)
    {
        (_section, _file) = (scenario.Workload, file);
        Streams = new RandomStreams(scenario.Seed);
        Limits = new WorkloadLimits(scenario.Duration, scenario.Requests);
        Labels = new Labels(scenario.Workload.Labels);
    }

    /// <summary>Chance.</summary>
    public RandomStreams Streams { get; }

    /// <summary>Where the workload ends.</summary>
    public WorkloadLimits Limits { get; }

    /// <summary>Labels that every request carries.</summary>
    public Labels Labels { get; }

    /// <summary>When requests arrive; an error if the scenario does not say, or sets no end to them.</summary>
    public IArrivals Arrivals()
    {
        _arrivalsUsed = true;
        if (Limits is { Duration: null, Requests: null })
        {
            throw Error(
                "duration", "missing: made-up arrivals do not end by themselves; expected duration or requests");
        }

        return (_section.Arrivals ?? throw Missing("workload.arrivals", "when requests arrive")).Create(Streams);
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
                "workload.lengths", "how long prompts and outputs are (or prompt_tokens and output_tokens)");
    }

    /// <summary>Makes the workload of a scenario; throws <see cref="ScenarioException"/>.</summary>
    internal static IWorkload Create(Scenario scenario, string file)
    {
        WorkloadContext context = new(scenario, file);
        IWorkload workload = scenario.Workload.Source.Create(context);
        if (context.Unused() is { } key)
        {
            workload.Dispose();
            throw context.Error(key, $"the source '{scenario.Workload.Source.Name}' takes none");
        }

        if (workload.NextArrival is null)
        {
            workload.Dispose();
            throw context.Error("workload", "gives no request before the duration ends, expected at least one");
        }

        return workload;
    }

    private string? Unused() => this switch
    {
        { _arrivalsUsed: false, _section.Arrivals: not null } => "workload.arrivals",
        { _lengthsUsed: false, _section.Lengths: not null } => "workload.lengths",
        { _lengthsUsed: false, _section.PromptTokens: not null } => "workload.prompt_tokens",
        _ => null,
    };

    private ScenarioException Missing(string key, string what) =>
        Error(key, $"missing, expected {what}: the source '{_section.Source.Name}' needs it");

    private ScenarioException Error(string key, string message) => new([new ScenarioError(_file, key, message)]);
}
