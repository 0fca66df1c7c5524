using System.Globalization;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Sweeping;

/// <summary>One of several parts of a sweep's units: every <paramref name="Count"/>-th of them.</summary>
/// <param name="Index">Which part, from 0.</param>
/// <param name="Count">How many parts there are.</param>
public readonly record struct Shard(int Index, int Count)
{
    private const string Slurm = "SLURM_ARRAY_TASK_ID";
    private const string Kubernetes = "JOB_COMPLETION_INDEX";
    private const string Parallel = "PARALLEL_SEQ";

    /// <summary>All units.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>
    /// The part that a person or an engine names; throws <see cref="ScenarioException"/>.
    /// </summary>
    /// <param name="shard">"index/count", the index from 0; null where the engine tells the index.</param>
    /// <param name="count">How many parts; null where <paramref name="shard"/> tells.</param>
    /// <param name="environment">The value of an environment variable; null where it is not set.</param>
    public static Shard Parse(string? shard, int? count, Func<string, string?> environment)
    {
        if (shard is not null)
        {
            string[] parts = shard.Split('/');
            return parts.Length == 2 && TryWhole(parts[1], out int of) && of > 0 && (count is null || count == of)
                ? Of($"--shard {shard}", parts[0], 0, of)
                : throw Error($"--shard {shard}", "expected index/count, such as 0/8 for the first of eight");
        }

        if (count is not { } shards)
        {
            throw Error("--shard", "missing, expected index/count, or --shards where an engine tells the index");
        }

        string[] told = [.. new[] { Slurm, Kubernetes, Parallel }.Where(v => environment(v) is not null)];
        return told switch
        {
            [var one] => Of($"{one}={environment(one)}", environment(one)!, one == Parallel ? 1 : 0, shards),
            [] => throw Error(
                "--shard", $"missing, and none of {Slurm}, {Kubernetes} and {Parallel} is set; expected one"),
            _ => throw Error("--shard", $"missing, but {string.Join(" and ", told)} are set; expected one of them"),
        };
    }

    /// <summary>Whether a unit, by its number from 0, is in this part.</summary>
    public bool Holds(int unit) => unit % Count == Index;

    private static Shard Of(string source, string index, int first, int count) =>
        TryWhole(index, out int found) && found >= first && found < first + count
            ? new Shard(found - first, count)
            : throw Error(
                source,
                $"the shard's index is out of range: expected {first} to {first + count - 1}, of {count} shards");

    private static bool TryWhole(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static ScenarioException Error(string source, string message) =>
        new([new ScenarioError(source, "", message)]);
}
