namespace ServingSim.Cli;

/// <summary>What the command line of <c>trace fetch</c> asks for.</summary>
/// <param name="Name">The release file; null where none is named.</param>
/// <param name="Folder">Where it goes.</param>
/// <param name="IsQuiet">Whether neither progress nor the result is shown.</param>
internal sealed record FetchArguments(string? Name, string Folder, bool IsQuiet);
