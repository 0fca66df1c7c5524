using System.ComponentModel;
using System.Diagnostics;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Cli;

/// <summary>Calls the programs of engines, and shows what is called.</summary>
/// <param name="context">Where that is shown.</param>
/// <param name="isDry">Whether it is only shown.</param>
internal sealed class EngineCalls(CommandContext context, bool isDry)
{
    /// <summary>The words that start this program as it was started.</summary>
    public static IReadOnlyList<string> ThisProgram()
    {
        string process = Environment.ProcessPath!;
        string library = Path.Combine(AppContext.BaseDirectory, "servingsim.dll");
        return Path.GetFileNameWithoutExtension(process) == "servingsim" ? [process] : [process, library];
    }

    /// <summary>Calls a program and shows what it says; null if nothing is called.</summary>
    public string? Read(string program, params string[] arguments)
    {
        using Process? process = Start(program, arguments, isRead: true);
        if (process is null)
        {
            return null;
        }

        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        context.Output.Write(output);
        ThrowIfFailed(program, process.ExitCode);
        return output;
    }

    /// <summary>Calls a program that speaks for itself.</summary>
    public void Run(string program, params string[] arguments)
    {
        using Process? process = Start(program, arguments, isRead: false);
        process?.WaitForExit();
        ThrowIfFailed(program, process?.ExitCode ?? 0);
    }

    private Process? Start(string program, string[] arguments, bool isRead)
    {
        context.Output.WriteLine($"{(isDry ? "not called: " : "")}{program} {string.Join(' ', arguments)}");
        if (isDry)
        {
            return null;
        }

        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = isRead });
        }
        catch (Win32Exception e)
        {
            throw Error(program, $"cannot be started ({e.Message}); expected it on this machine, or --dry-run");
        }
    }

    private static void ThrowIfFailed(string program, int code)
    {
        if (code != 0)
        {
            throw Error(program, $"failed with exit code {code}; what it was given stays where it is");
        }
    }

    private static ScenarioException Error(string program, string message) =>
        new([new ScenarioError(program, "", message)]);
}
