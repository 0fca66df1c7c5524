namespace ServingSim.Experiments.Sweeping.Engines;

/// <summary>
/// A sweep as a Slurm job array and a job that gathers when all shards have ended. A task whose node dies is queued
/// again; it skips what has been computed.
/// </summary>
public static class SlurmScripts
{
    /// <summary>The script of the array.</summary>
    public static string Shards(ShardedJob job) =>
        $"""
        #!/bin/bash
        #SBATCH --job-name={job.Name}
        #SBATCH --array=0-{job.Shards - 1}
        #SBATCH --cpus-per-task={job.Cores}
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --output={job.FileOf("shard-%a.log")}
        #SBATCH --chdir={ShardedJob.Quoted(job.WorkingFolder)}
        {Options(job)}echo "shard $SLURM_ARRAY_TASK_ID on ${"{SLURMD_NODENAME:-?}"}, process $$ of $PPID"
        exec {job.ShardCommand("--shards", $"{job.Shards}")}

        """;

    /// <summary>The script that gathers; it is to be submitted with a dependency on the array.</summary>
    public static string Gather(ShardedJob job) =>
        $"""
        #!/bin/bash
        #SBATCH --job-name={job.Name}-gather
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --output={job.FileOf("gather.log")}
        #SBATCH --chdir={ShardedJob.Quoted(job.WorkingFolder)}
        {Options(job)}exec {job.GatherCommand}

        """;

    private static string Options(ShardedJob job) => string.Concat(job.Options.Select(o => $"#SBATCH {o}\n"));
}
