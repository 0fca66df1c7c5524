namespace ServingSim.Cli;

/// <summary>What the command line of <c>trace info</c> asks for.</summary>
/// <param name="Path">The trace.</param>
/// <param name="Format">The name of its format; null to tell it by its first line.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
internal sealed record TraceInfoArguments(string Path, string? Format, int BlockTokens);
