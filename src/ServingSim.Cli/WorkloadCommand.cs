using System.CommandLine;

namespace ServingSim.Cli;

/// <summary><c>workload</c>: what can be told of workloads, and made of what was told.</summary>
internal static class WorkloadCommand
{
    /// <summary>The command; the bodies do the work of those below it.</summary>
    public static Command Create(CommandBodies bodies, CommandContext context) =>
        new("workload", "Characterise real workloads, model them, and compare models with them.")
        {
            DescribeCommand.Create(arguments => bodies.Describe(arguments, context)),
            FitCommand.Create(arguments => bodies.Fit(arguments, context)),
            GenerateCommand.Create(arguments => bodies.Generate(arguments, context)),
            WorkloadCompareCommand.Create(arguments => bodies.WorkloadCompare(arguments, context)),
        };
}
