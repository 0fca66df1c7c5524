namespace ServingSim.Cli;

/// <summary>Entry point.</summary>
public static class Program
{
    /// <summary>Runs one command.</summary>
    public static int Main() => 0;
}
