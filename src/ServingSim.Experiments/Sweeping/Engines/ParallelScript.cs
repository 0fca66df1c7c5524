namespace ServingSim.Experiments.Sweeping.Engines;

/// <summary>
/// A sweep as a command of GNU parallel, over ssh where a file of logins is given: one shard at a time on each machine,
/// shards that failed tried again. Started once more, it goes on where it was.
/// </summary>
public static class ParallelScript
{
    /// <summary>The joblog's name in the sweep's folder.</summary>
    public const string JobLog = "parallel.log";

    /// <summary>The script.</summary>
    /// <param name="job">What it runs.</param>
    /// <param name="loginFile">The machines, as <c>parallel --sshloginfile</c> reads them; null for this one.</param>
    public static string Text(ShardedJob job, string? loginFile)
    {
        string logins = loginFile is null ? "" : $" --sshloginfile {ShardedJob.Quoted(loginFile)}";
        string options = string.Concat(job.Options.Select(o => " " + o));
        return $$"""
            #!/bin/bash
            cd {{ShardedJob.Quoted(job.WorkingFolder)}} || exit
            parallel --quote --jobs 1{{logins}} --workdir {{ShardedJob.Quoted(job.WorkingFolder)}} \
              --joblog {{job.FileOf(JobLog)}} --resume-failed --retries 3{{options}} \
              {{job.ShardCommand("--shard", $"{{}}/{job.Shards}")}} \
              ::: $(seq 0 {{job.Shards - 1}})
            {{job.GatherCommand}}

            """;
    }
}
