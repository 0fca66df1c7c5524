using System.CommandLine;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>trace</c>: what can be done with traces; <c>trace info FILE</c> tells what one holds.</summary>
internal static class TraceCommand
{
    /// <summary>The command; each body does the work of a command below it.</summary>
    public static Command Create(Func<string, int> infoBody, Func<FetchArguments, int> fetchBody)
    {
        var path = new Argument<string>("FILE") { Description = "The trace to read." };
        var info = new Command("info", "Tell what a trace holds: rows, span, failures, lengths.") { path };
        info.SetAction(line => infoBody(line.GetRequiredValue(path)));
        return new Command("trace", "Work with traces of real requests.") { info, FetchCommand.Create(fetchBody) };
    }

    /// <summary>Tells what the trace holds.</summary>
    public static int Execute(string path, CommandContext context)
    {
        context.Output.Write(TraceTable.Text(TraceInfo.Read(path)));
        return ExitCode.Done;
    }
}
