using ServingSim.Experiments;

namespace ServingSim.Cli;

/// <summary>Entry point of the command <c>servingsim</c>.</summary>
public static class Program
{
    /// <summary>Runs one command; the result is its exit code.</summary>
    public static int Main(string[] args) => ServingSimCli.Run(args, Catalog.Default);
}
