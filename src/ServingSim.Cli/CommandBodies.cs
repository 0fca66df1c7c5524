using ServingSim.Experiments;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Cli;

/// <summary>What each command does once its arguments are read; the result is the exit code.</summary>
internal sealed record CommandBodies
{
    /// <summary>The bodies of the commands, with the parts of a catalog.</summary>
    public CommandBodies(Catalog catalog)
    {
        Run = (arguments, context) => RunCommand.Execute(arguments, context, catalog);
        Compare = (arguments, context) => CompareCommand.Execute(arguments, context, catalog);
        Sweep = (arguments, context) => SweepCommand.Execute(arguments, context, catalog);
        SweepShard = (arguments, context) => SweepShardCommand.Execute(arguments, context, catalog);
        SweepGather = (arguments, context) => SweepGatherCommand.Execute(arguments, context, catalog);
        SweepSubmit = (arguments, context) => SweepSubmitCommand.Execute(arguments, context, catalog);
        Goodput = (arguments, context) => GoodputCommand.Execute(arguments, context, catalog);
        Plan = (arguments, context) => PlanCommand.Execute(arguments, context, catalog);
        Accuracy = (arguments, context) => AccuracyCommand.Execute(arguments, context, catalog);
        Calibrate = (arguments, context) => CalibrateCommand.Execute(arguments, context, catalog);
        List = (kind, context) => ListCommand.Execute(kind, context, catalog);
        Validate = (arguments, context) => ValidateCommand.Execute(arguments, context, catalog);
        Fit = (arguments, context) => FitCommand.Execute(arguments, context, catalog);
        Generate = (arguments, context) => GenerateCommand.Execute(arguments, context, catalog);
        WorkloadCompare = (arguments, context) => WorkloadCompareCommand.Execute(arguments, context, catalog);
        Reproduce = (arguments, context) => ReproduceCommand.Execute(arguments, context, catalog);
        Schema = (kind, context) => SchemaCommand.Execute(kind, context, catalog);
    }

    /// <summary>The body of <c>run</c>.</summary>
    public Func<RunArguments, CommandContext, int> Run { get; init; }

    /// <summary>The body of <c>compare</c>.</summary>
    public Func<CompareArguments, CommandContext, int> Compare { get; init; }

    /// <summary>The body of <c>sweep</c>.</summary>
    public Func<SweepArguments, CommandContext, int> Sweep { get; init; }

    /// <summary>The body of <c>sweep run-shard</c>.</summary>
    public Func<SweepShardArguments, CommandContext, int> SweepShard { get; init; }

    /// <summary>The body of <c>sweep gather</c>.</summary>
    public Func<SweepGatherArguments, CommandContext, int> SweepGather { get; init; }

    /// <summary>The body of <c>sweep submit</c>.</summary>
    public Func<SweepSubmitArguments, CommandContext, int> SweepSubmit { get; init; }

    /// <summary>The body of <c>goodput</c>.</summary>
    public Func<GoodputArguments, CommandContext, int> Goodput { get; init; }

    /// <summary>The body of <c>plan</c>.</summary>
    public Func<PlanArguments, CommandContext, int> Plan { get; init; }

    /// <summary>The body of <c>accuracy</c>.</summary>
    public Func<AccuracyArguments, CommandContext, int> Accuracy { get; init; }

    /// <summary>The body of <c>calibrate</c>.</summary>
    public Func<CalibrateArguments, CommandContext, int> Calibrate { get; init; }

    /// <summary>The body of <c>list</c>; its argument is the kind of part, null for all.</summary>
    public Func<string?, CommandContext, int> List { get; init; }

    /// <summary>The body of <c>validate</c>.</summary>
    public Func<ScenarioArguments, CommandContext, int> Validate { get; init; }

    /// <summary>The body of <c>trace info</c>.</summary>
    public Func<TraceInfoArguments, CommandContext, int> TraceInfo { get; init; } = TraceCommand.Execute;

    /// <summary>The body of <c>trace fetch</c>.</summary>
    public Func<FetchArguments, CommandContext, int> TraceFetch { get; init; } =
        (arguments, context) => FetchCommand.Execute(arguments, context, ReleaseFiles.BurstGpt);

    /// <summary>The body of <c>trace convert</c>.</summary>
    public Func<ConvertArguments, CommandContext, int> TraceConvert { get; init; } = ConvertCommand.Execute;

    /// <summary>The body of <c>workload describe</c>.</summary>
    public Func<DescribeArguments, CommandContext, int> Describe { get; init; } = DescribeCommand.Execute;

    /// <summary>The body of <c>workload fit</c>.</summary>
    public Func<FitArguments, CommandContext, int> Fit { get; init; }

    /// <summary>The body of <c>workload generate</c>.</summary>
    public Func<GenerateArguments, CommandContext, int> Generate { get; init; }

    /// <summary>The body of <c>workload compare</c>.</summary>
    public Func<WorkloadCompareArguments, CommandContext, int> WorkloadCompare { get; init; }

    /// <summary>The body of <c>reproduce</c>.</summary>
    public Func<ReproduceArguments, CommandContext, int> Reproduce { get; init; }

    /// <summary>The body of <c>schema</c>; its argument is the kind of file.</summary>
    public Func<string, CommandContext, int> Schema { get; init; }
}
