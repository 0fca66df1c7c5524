namespace ServingSim.Cli;

/// <summary>What each command does once its arguments are read; the result is the exit code.</summary>
/// <param name="Run">The body of <c>run</c>.</param>
/// <param name="List">The body of <c>list</c>; its argument is the kind of part, null for all.</param>
/// <param name="Validate">The body of <c>validate</c>.</param>
/// <param name="TraceInfo">The body of <c>trace info</c>.</param>
/// <param name="TraceFetch">The body of <c>trace fetch</c>.</param>
/// <param name="TraceConvert">The body of <c>trace convert</c>.</param>
/// <param name="Schema">The body of <c>schema</c>.</param>
internal sealed record CommandBodies(
    Func<RunArguments, CommandContext, int> Run,
    Func<string?, CommandContext, int> List,
    Func<ScenarioArguments, CommandContext, int> Validate,
    Func<TraceInfoArguments, CommandContext, int> TraceInfo,
    Func<FetchArguments, CommandContext, int> TraceFetch,
    Func<ConvertArguments, CommandContext, int> TraceConvert,
    Func<CommandContext, int> Schema);
