using System.Text.Json;

namespace ServingSim.Experiments.Sweeping.Engines;

/// <summary>
/// A sweep as an Indexed Job of Kubernetes, and a Job that waits until all results are there and gathers them. Both
/// mount a claim that many nodes can write at once.
/// </summary>
/// <param name="Image">The image that holds this program.</param>
/// <param name="Claim">The persistent volume claim (ReadWriteMany) that holds the working folder.</param>
public sealed record KubernetesManifest(string Image, string Claim)
{
    /// <summary>The manifest; the job's working folder is where the claim is mounted.</summary>
    public string Text(ShardedJob job)
    {
        string name = new string([.. job.Name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')])
            .Trim('-');
        name = name[..Math.Min(name.Length, 50)].Trim('-');
        return $"""
            # The claim must be ReadWriteMany and hold the scenario, the sweep and their traces.
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {Text(name)}
            spec:
              completionMode: Indexed
              completions: {job.Shards}
              parallelism: {job.Shards}
              backoffLimitPerIndex: 5
              maxFailedIndexes: {job.Shards}
            {Pod(job, "shard", [.. job.Program, .. job.ShardArguments, "--shards", $"{job.Shards}"], job.Cores)}
            ---
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {Text(name + "-gather")}
            spec:
              backoffLimit: 5
            {Pod(job, "gather", [.. job.Program, .. job.GatherArguments, "--wait"], 1)}

            """;
    }

    private string Pod(ShardedJob job, string container, IReadOnlyList<string> command, int cores) =>
        $"""
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: {container}
                  image: {Text(Image)}
                  command: [{string.Join(", ", command.Select(Text))}]
                  workingDir: {Text(job.WorkingFolder)}
                  resources:
                    requests: {"{"} cpu: "{cores}" {"}"}
                  volumeMounts:
                    - name: sweep
                      mountPath: {Text(job.WorkingFolder)}
              volumes:
                - name: sweep
                  persistentVolumeClaim:
                    claimName: {Text(Claim)}
        """;

    /// <summary>A text in quotes: a JSON string is a YAML string.</summary>
    private static string Text(string text) => JsonSerializer.Serialize(text);
}
