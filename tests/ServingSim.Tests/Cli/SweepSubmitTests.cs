using ServingSim.Experiments.Sweeping.Engines;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ServingSim.Tests.Cli;

/// <summary>What <c>sweep submit</c> writes for engines; none is called.</summary>
public sealed class SweepSubmitTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private int Submit(string engine, params string[] more) => _cli.Run(
    [
        "sweep", "submit", _cli.File("s.yaml", SweepSample.Text()), "--engine", engine, "--shards", "4", "--out",
        _cli.In("out"), "--dry-run", "--program", "servingsim", .. more,
    ]);

    [Fact]
    public void Slurm_gets_an_array_that_may_be_queued_again_and_a_gather_after_it()
    {
        Assert.Equal(0, Submit(
            "slurm", "--jobs", "2", "--replications", "3", "--set", "cluster.router={name: random}",
            "--option=--partition=long"));
        string folder = _cli.In("out");
        const string overrides = "--set 'cluster.router={name: random}' --set replications.count=3";
        Assert.Equal(
            $$"""
            #!/bin/bash
            #SBATCH --job-name=tiny
            #SBATCH --array=0-3
            #SBATCH --cpus-per-task=2
            #SBATCH --requeue
            #SBATCH --open-mode=append
            #SBATCH --output={{folder}}/shard-%a.log
            #SBATCH --chdir={{Environment.CurrentDirectory}}
            #SBATCH --partition=long
            echo "shard $SLURM_ARRAY_TASK_ID on ${SLURMD_NODENAME:-?}, process $$ of $PPID"
            exec servingsim sweep run-shard {{_cli.In("s.yaml")}} --out {{folder}} --jobs 2 {{overrides}} --shards 4

            """,
            _cli.Text("out", "shards.sbatch"));
        Assert.Contains($"exec servingsim sweep gather {folder}\n", _cli.Text("out", "gather.sbatch"));
        Assert.Equal(
            $"not called: sbatch --parsable {folder}/shards.sbatch\n"
            + $"not called: sbatch --parsable --dependency=afterany:JOB {folder}/gather.sbatch\n",
            _cli.Output);
        Assert.Equal(["gather.sbatch", "shards.sbatch", "sweep.yaml"], _cli.FilesOf("out"));
    }

    [Fact]
    public void Parallel_gets_a_command_that_goes_on_where_it_was()
    {
        Assert.Equal(0, Submit("parallel", "--sshloginfile", "my nodes"));
        string script = _cli.Text("out", "parallel.sh");
        Assert.Contains("parallel --quote --jobs 1 --sshloginfile 'my nodes' --workdir ", script);
        Assert.Contains($"--joblog {_cli.In("out")}/parallel.log --resume-failed --retries 3 \\\n", script);
        Assert.Contains(" --shard {}/4 \\\n  ::: $(seq 0 3)\n", script);
        Assert.EndsWith($"\nservingsim sweep gather {_cli.In("out")}\n", script);
    }

    [Fact]
    public void Kubernetes_gets_an_indexed_job_and_one_that_gathers()
    {
        Assert.Equal(2, Submit("kubernetes", "--image", "i", "--claim", "c"));
        Assert.Contains("the claim holds that folder and no other", _cli.Error);
        string manifest = new KubernetesManifest("registry/servingsim:1", "data").Text(new ShardedJob(
            "My_Sweep.", ["servingsim"], ["sweep", "run-shard", "s \"1\".yaml"], ["sweep", "gather", "out"], 4, 2,
            "/sweep", "out", []));
        YamlStream stream = new();
        stream.Load(new StringReader(manifest));
        Assert.Equal(2, stream.Documents.Count);
        YamlNode shards = stream.Documents[0].RootNode;
        Assert.Equal("batch/v1 Job my-sweep", $"{shards["apiVersion"]} {shards["kind"]} {shards["metadata"]["name"]}");
        Assert.Equal(
            "Indexed 4 4", $"{shards["spec"]["completionMode"]} {shards["spec"]["completions"]} "
            + shards["spec"]["parallelism"]);
        YamlNode pod = shards["spec"]["template"]["spec"];
        Assert.Equal("Never", $"{pod["restartPolicy"]}");
        YamlNode container = pod["containers"][0];
        Assert.Equal("registry/servingsim:1", $"{container["image"]}");
        Assert.Equal(
            ["servingsim", "sweep", "run-shard", "s \"1\".yaml", "--shards", "4"],
            ((YamlSequenceNode)container["command"]).Select(w => w.ToString()));
        Assert.Equal("2", $"{container["resources"]["requests"]["cpu"]}");
        Assert.Equal("/sweep", $"{container["volumeMounts"][0]["mountPath"]}");
        Assert.Equal("data", $"{pod["volumes"][0]["persistentVolumeClaim"]["claimName"]}");
        YamlNode gather = stream.Documents[1].RootNode;
        Assert.Equal("my-sweep-gather", $"{gather["metadata"]["name"]}");
        Assert.Equal(
            ["servingsim", "sweep", "gather", "out", "--wait"],
            ((YamlSequenceNode)gather["spec"]["template"]["spec"]["containers"][0]["command"])
                .Select(w => w.ToString()));
    }

    [Theory]
    [InlineData("--engine kubernetes: expected --image and --claim", "kubernetes")]
    [InlineData("--image, --claim: slurm reads neither; expected --engine kubernetes", "slurm", "--image", "x")]
    [InlineData("--sshloginfile: slurm does not read it; expected --engine parallel", "slurm", "--sshloginfile", "x")]
    [InlineData("--option: kubernetes has none", "kubernetes", "--image", "x", "--claim", "y", "--option=z")]
    [InlineData("Argument 'pbs' not recognized", "pbs")]
    public void What_an_engine_does_not_read_is_told(string message, string engine, params string[] more)
    {
        Assert.Equal(2, Submit(engine, more));
        Assert.StartsWith(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }
}
