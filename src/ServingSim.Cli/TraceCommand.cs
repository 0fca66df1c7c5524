using System.CommandLine;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>trace info FILE</c>: tells what a trace holds.</summary>
internal static class TraceCommand
{
    /// <summary>The command; <paramref name="body"/> does the work of <c>info</c>, given the trace's path.</summary>
    public static Command Create(Func<string, int> body)
    {
        var path = new Argument<string>("FILE") { Description = "The trace to read." };
        var info = new Command("info", "Tell what a trace holds: rows, span, failures, lengths.") { path };
        info.SetAction(line => body(line.GetRequiredValue(path)));
        return new Command("trace", "Work with traces of real requests.") { info };
    }

    /// <summary>Tells what the trace holds.</summary>
    public static int Execute(string path, CommandContext context)
    {
        context.Output.Write(TraceTable.Text(TraceInfo.Read(path)));
        return ExitCode.Done;
    }
}
