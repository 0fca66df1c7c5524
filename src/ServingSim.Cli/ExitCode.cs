namespace ServingSim.Cli;

/// <summary>What the command tells the shell.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked.</summary>
    public const int Done = 0;

    /// <summary>A bug of ours.</summary>
    public const int InternalError = 1;

    /// <summary>The user's input is wrong, or a file cannot be read, written or downloaded.</summary>
    public const int UserError = 2;

    /// <summary>Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}
