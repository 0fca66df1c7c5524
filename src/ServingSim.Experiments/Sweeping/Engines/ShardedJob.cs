namespace ServingSim.Experiments.Sweeping.Engines;

/// <summary>A sweep as a job of an engine that starts shards on many machines with a shared folder.</summary>
/// <param name="Name">What the engine calls it.</param>
/// <param name="Program">The words that start this program there.</param>
/// <param name="ShardArguments">What runs a shard, but for which.</param>
/// <param name="GatherArguments">What gathers the results.</param>
/// <param name="Shards">How many shards there are.</param>
/// <param name="Cores">How many cores each has.</param>
/// <param name="WorkingFolder">Where the program runs.</param>
/// <param name="Folder">The sweep's folder.</param>
/// <param name="Options">What else the engine is told, as it is written for it.</param>
public sealed record ShardedJob(
    string Name,
    IReadOnlyList<string> Program,
    IReadOnlyList<string> ShardArguments,
    IReadOnlyList<string> GatherArguments,
    int Shards,
    int Cores,
    string WorkingFolder,
    string Folder,
    IReadOnlyList<string> Options)
{
    /// <summary>The command line of a shard, quoted for a shell.</summary>
    internal string ShardCommand(params IReadOnlyList<string> which) =>
        Quoted([.. Program, .. ShardArguments, .. which]);

    /// <summary>The command line that gathers, quoted for a shell.</summary>
    internal string GatherCommand => Quoted([.. Program, .. GatherArguments]);

    /// <summary>A file of the sweep's folder, quoted for a shell.</summary>
    internal string FileOf(string name) => Quoted(Path.Combine(Folder, name));

    /// <summary>Words as a shell reads them back.</summary>
    internal static string Quoted(params IReadOnlyList<string> words) => string.Join(' ', words.Select(
        w => w.Length > 0 && w.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:=,+@%{}".Contains(c))
            ? w
            : "'" + w.Replace("'", "'\\''") + "'"));
}
