using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Sweeping;
using ServingSim.Experiments.Sweeping.Engines;

namespace ServingSim.Cli;

/// <summary><c>sweep submit</c>: hands a sweep to an engine that runs its shards on many machines.</summary>
internal static class SweepSubmitCommand
{
    private const string Slurm = "slurm";
    private const string Parallel = "parallel";
    private const string Kubernetes = "kubernetes";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<SweepSubmitArguments, int> body)
    {
        var command = new Command("submit", "Hand a sweep to Slurm, GNU parallel or Kubernetes, in shards.");
        var sweep = new SweepOptions(command, usualJobs: 1);
        var engine = new Option<string>("--engine")
        {
            Description = "What runs the shards.",
            HelpName = "ENGINE",
            Required = true,
        };
        engine.AcceptOnlyFromAmong(Slurm, Parallel, Kubernetes);
        var shards = new Option<int?>("--shards")
        {
            Description = "How many shards there are.",
            HelpName = "N",
            Required = true,
            CustomParser = argument => ManyRunsOptions.Parse(argument, "--shards"),
        };
        var options = new Option<string[]>("--option")
        {
            Description = "An option of sbatch or parallel, as in --option=--partition=long. May be repeated.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => [],
        };
        Option<string?> Text(string name, string help, string description) =>
            new(name) { Description = description, HelpName = help };
        var logins = Text("--sshloginfile", "FILE", "parallel: the machines, one a line.");
        var image = Text("--image", "IMAGE", "kubernetes: the image that holds this program.");
        var claim = Text("--claim", "NAME", "kubernetes: the ReadWriteMany claim that holds the current folder.");
        var program = new Option<string[]>("--program")
        {
            Description = "The words that start this program there, one a time; by default as it was started here.",
            HelpName = "WORD",
            DefaultValueFactory = _ => [],
        };
        var dry = new Option<bool>("--dry-run") { Description = "Write the files, submit nothing." };
        foreach (Option option in new Option[] { engine, shards, options, logins, image, claim, program, dry })
        {
            command.Add(option);
        }

        command.SetAction(line => body(new SweepSubmitArguments(
            sweep.Read(line), line.GetRequiredValue(engine), line.GetRequiredValue(shards)!.Value,
            line.GetRequiredValue(options), line.GetValue(logins), line.GetValue(image), line.GetValue(claim),
            line.GetRequiredValue(program), line.GetValue(dry))));
        return command;
    }

    /// <summary>Writes what the engine needs and submits it.</summary>
    public static int Execute(SweepSubmitArguments arguments, CommandContext context, Catalog catalog)
    {
        if (Problem(arguments) is { } problem)
        {
            context.Error.WriteLine(problem);
            return ExitCode.UserError;
        }

        Sweep sweep = arguments.Sweep.Load(catalog);
        string folder = arguments.Sweep.FolderOf(sweep);
        new UnitStore(folder, sweep.Plan.Version).CheckVersions();
        sweep.Plan.Write(folder);
        ShardedJob job = JobOf(arguments, sweep, folder);
        string Put(string name, string text)
        {
            using (var files = new ResultFolder(folder, []))
            {
                using (var writer = new StreamWriter(files.OpenFile(name)))
                {
                    writer.Write(text);
                }

                files.Complete();
            }

            return Path.Combine(folder, name);
        }

        EngineCalls calls = new(context, arguments.IsDry);
        switch (arguments.Engine)
        {
            case Slurm:
                string shards = Put("shards.sbatch", SlurmScripts.Shards(job));
                string gather = Put("gather.sbatch", SlurmScripts.Gather(job));
                string id = calls.Read("sbatch", "--parsable", shards)?.Split(';')[0].Trim() ?? "JOB";
                calls.Read("sbatch", "--parsable", $"--dependency=afterany:{id}", gather);
                break;
            case Parallel:
                // What it says of an earlier sweep is not of this one
                File.Delete(Path.Combine(folder, ParallelScript.JobLog));
                calls.Run("bash", Put("parallel.sh", ParallelScript.Text(job, arguments.LoginFile)));
                break;
            default:
                KubernetesManifest manifest = new(arguments.Image!, arguments.Claim!);
                calls.Read("kubectl", "create", "-f", Put("kubernetes.yaml", manifest.Text(job)));
                break;
        }

        return ExitCode.Done;
    }

    private static string? Problem(SweepSubmitArguments arguments)
    {
        bool isKubernetes = arguments.Engine == Kubernetes;
        if (isKubernetes && (arguments.Image is null || arguments.Claim is null))
        {
            return "--engine kubernetes: expected --image and --claim";
        }

        if (!isKubernetes && (arguments.Image ?? arguments.Claim) is not null)
        {
            return $"--image, --claim: {arguments.Engine} reads neither; expected --engine kubernetes";
        }

        if (isKubernetes && arguments.EngineOptions.Count > 0)
        {
            return "--option: kubernetes has none; expected that the manifest is edited, after --dry-run";
        }

        if (arguments.Engine != Parallel && arguments.LoginFile is not null)
        {
            return $"--sshloginfile: {arguments.Engine} does not read it; expected --engine parallel";
        }

        string[] paths = [arguments.Sweep.Path, arguments.Sweep.Folder ?? "."];
        return isKubernetes && Array.Find(paths, p => Path.IsPathRooted(p) || p.Contains("..")) is { } outside
            ? $"found '{outside}', expected a path below the current folder: the claim holds that folder and no other"
            : null;
    }

    private static ShardedJob JobOf(SweepSubmitArguments arguments, Sweep sweep, string folder)
    {
        // Kubernetes has its own file system, in which the claim is the current folder
        bool isElsewhere = arguments.Engine == Kubernetes;
        string At(string path) => isElsewhere ? path : Path.GetFullPath(path);
        string[] overrides = [.. arguments.Sweep.Overrides.Settings.SelectMany(s => new[] { "--set", s })];
        string[] replications = [.. arguments.Sweep.Runs.Settings.SelectMany(s => new[] { "--set", s })];
        string[] jobs = ["--jobs", $"{arguments.Sweep.Runs.Jobs}"];
        return new ShardedJob(
            sweep.Plan.Name,
            arguments.Program.Count > 0 ? arguments.Program : isElsewhere ? ["servingsim"] : EngineCalls.ThisProgram(),
            [
                "sweep", "run-shard", At(arguments.Sweep.Path), "--out", At(folder), .. jobs, .. overrides,
                .. replications,
            ],
            ["sweep", "gather", At(folder)],
            arguments.Shards,
            arguments.Sweep.Runs.Jobs,
            isElsewhere ? "/sweep" : Environment.CurrentDirectory,
            At(folder),
            arguments.EngineOptions);
    }
}

/// <summary>What the command line of <c>sweep submit</c> asks for.</summary>
/// <param name="Sweep">Which sweep; its jobs are the cores of a shard.</param>
/// <param name="Engine">What runs the shards.</param>
/// <param name="Shards">How many.</param>
/// <param name="EngineOptions">What else the engine is told.</param>
/// <param name="LoginFile">The machines of GNU parallel; null for this one.</param>
/// <param name="Image">The image of Kubernetes.</param>
/// <param name="Claim">The claim of Kubernetes.</param>
/// <param name="Program">The words that start this program there; empty for as it was started here.</param>
/// <param name="IsDry">Whether nothing is submitted.</param>
internal sealed record SweepSubmitArguments(
    SweepArguments Sweep,
    string Engine,
    int Shards,
    IReadOnlyList<string> EngineOptions,
    string? LoginFile,
    string? Image,
    string? Claim,
    IReadOnlyList<string> Program,
    bool IsDry);
