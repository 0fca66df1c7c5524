namespace ServingSim.Cli;

/// <summary>What a command sees of the terminal that it runs in.</summary>
/// <param name="Output">Standard output: results, and nothing else.</param>
/// <param name="Error">Standard error: messages and progress.</param>
/// <param name="IsErrorTerminal">Whether a person watches standard error.</param>
/// <param name="Interrupted">Cancelled by Ctrl-C.</param>
internal sealed record CommandContext(
    TextWriter Output, TextWriter Error, bool IsErrorTerminal, CancellationToken Interrupted);
