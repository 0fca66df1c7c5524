using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ServingSim.Cli;

/// <summary>The part of a command line that is the same for every command that makes many runs.</summary>
internal sealed class ManyRunsOptions
{
    private readonly Option<int?> _replications = new("--replications")
    {
        Description = "How often each scenario runs, with seed, seed + 1, ...; in place of its replications.count.",
        HelpName = "N",
        CustomParser = argument => Parse(argument, "--replications"),
    };

    private readonly Option<int?> _jobs;
    private readonly int _usualJobs;

    /// <summary>Makes a command take these options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="usualJobs">Simulations at a time unless the user says; null for one a processor.</param>
    public ManyRunsOptions(Command command, int? usualJobs = null)
    {
        _usualJobs = usualJobs ?? Environment.ProcessorCount;
        string usual = usualJobs is { } jobs ? $"{jobs} by default" : "as many as there are processors by default";
        _jobs = new Option<int?>("--jobs")
        {
            Description = $"How many simulations run at a time; {usual}.",
            HelpName = "N",
            CustomParser = argument => Parse(argument, "--jobs"),
        };
        command.Add(_replications);
        command.Add(_jobs);
    }

    /// <summary>The option of commands that can carry the error of step times through to their figures.</summary>
    public static Option<bool> Band() => new("--band")
    {
        Description = "Also run with all steps as fast and as slow as their stated error allows; show the band.",
    };

    /// <summary>What the user wrote.</summary>
    public ManyRunsArguments Read(ParseResult line) =>
        new(line.GetValue(_replications), line.GetValue(_jobs) ?? _usualJobs);

    internal static int? Parse(ArgumentResult argument, string option)
    {
        string text = argument.Tokens.Single().Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
        {
            return count;
        }

        argument.AddError($"{option}: found '{text}', expected a whole number of at least 1");
        return null;
    }
}

/// <summary>How many runs a command makes.</summary>
/// <param name="Replications">Replications of each scenario; null for its own number.</param>
/// <param name="Jobs">Simulations at a time.</param>
internal sealed record ManyRunsArguments(int? Replications, int Jobs)
{
    /// <summary>The settings that say so, to be laid over a scenario.</summary>
    public IReadOnlyList<string> Settings => Replications is { } count ? [$"replications.count={count}"] : [];
}
