using System.CommandLine;
using System.Runtime.InteropServices;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Cli;

/// <summary>
/// The command <c>servingsim</c>: reads the command line, runs one command, and turns errors into exit codes.
/// </summary>
public static class ServingSimCli
{
    /// <summary>
    /// Runs one command on this process's console: 0 done, 1 internal error, 2 the user's input is wrong, 130 Ctrl-C.
    /// </summary>
    public static int Run(string[] args, Catalog catalog)
    {
        using var interrupted = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            // The second signal ends the process, should the first be heard too late.
            signal.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        }

        using var ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var context = new CommandContext(Console.Out, Console.Error, !Console.IsErrorRedirected, interrupted.Token);
        return Run(args, context, catalog);
    }

    /// <summary>Runs one command in this terminal.</summary>
    internal static int Run(string[] args, CommandContext context, Catalog catalog) =>
        Run(args, context, new CommandBodies(catalog));

    /// <summary>Runs one command with these bodies in this terminal.</summary>
    internal static int Run(string[] args, CommandContext context, CommandBodies bodies)
    {
        var root = new RootCommand("Simulates a cluster of LLM servers under a real workload.")
        {
            RunCommand.Create(arguments => bodies.Run(arguments, context)),
            CompareCommand.Create(arguments => bodies.Compare(arguments, context)),
            SweepCommand.Create(bodies, context),
            GoodputCommand.Create(arguments => bodies.Goodput(arguments, context)),
            PlanCommand.Create(arguments => bodies.Plan(arguments, context)),
            AccuracyCommand.Create(arguments => bodies.Accuracy(arguments, context)),
            CalibrateCommand.Create(arguments => bodies.Calibrate(arguments, context)),
            ListCommand.Create(kind => bodies.List(kind, context)),
            ValidateCommand.Create(arguments => bodies.Validate(arguments, context)),
            TraceCommand.Create(
                arguments => bodies.TraceInfo(arguments, context),
                arguments => bodies.TraceFetch(arguments, context),
                arguments => bodies.TraceConvert(arguments, context)),
            WorkloadCommand.Create(bodies, context),
            ReproduceCommand.Create(arguments => bodies.Reproduce(arguments, context)),
            SchemaCommand.Create(kind => bodies.Schema(kind, context)),
        };
        // '@' begins no response file: a value may start with it.
        var line = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (line.Errors.Count > 0)
        {
            foreach (var error in line.Errors)
            {
                context.Error.WriteLine(error.Message);
            }

            context.Error.WriteLine("'servingsim --help' tells what can be written.");
            return ExitCode.UserError;
        }

        return Guard(context, () => line.Invoke(new InvocationConfiguration
        {
            Output = context.Output,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
        }));
    }

    private static int Guard(CommandContext context, Func<int> command)
    {
        try
        {
            return command();
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            context.Error.WriteLine("interrupted; earlier results are as they were");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (IsUserError(e))
        {
            context.Error.WriteLine(e.Message);
            return ExitCode.UserError;
        }
#pragma warning disable CA1031 // the last line of defence: whatever else is thrown is a bug of ours, and is shown whole
        catch (Exception e)
#pragma warning restore CA1031
        {
            context.Error.WriteLine($"internal error, please report it: {e}");
            return ExitCode.InternalError;
        }
    }

    // A file that cannot be read or written is the user's to mend, not ours.
    private static bool IsUserError(Exception e) =>
        e is ScenarioException or TraceException or ResultFolderException or IOException or UnauthorizedAccessException;
}
