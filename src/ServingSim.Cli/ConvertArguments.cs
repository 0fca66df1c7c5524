namespace ServingSim.Cli;

/// <summary>What the command line of <c>trace convert</c> asks for.</summary>
/// <param name="Input">The trace to read.</param>
/// <param name="Output">The trace to write.</param>
/// <param name="From">The name of the format to read; null to tell it by the first line.</param>
/// <param name="To">The name of the format to write; null to tell it by the file's name.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
/// <param name="Overwrites">Whether a file that is there already is replaced.</param>
/// <param name="IsQuiet">Whether the result is not shown.</param>
internal sealed record ConvertArguments(
    string Input, string Output, string? From, string? To, int BlockTokens, bool Overwrites, bool IsQuiet);
