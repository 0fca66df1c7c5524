using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>Sweeps that take no time: few requests, no latency model to speak of.</summary>
internal static class SweepSample
{
    /// <summary>The tables and pictures of a sweep of two axes.</summary>
    internal static readonly string[] Results = ["heatmap.png", "points.csv", "sweep.png", "sweep.yaml", "units.csv"];

    internal static readonly string Grid = """
        name: grid
          axes:
            workload.arrivals.rate_per_s: [20, 40, 80]
            cluster.pools.main.replicas: [1, 2]
        """;

    /// <summary>A sweep of quickstart with these points, two runs each.</summary>
    internal static string Text(string? points = null, string more = "", int requests = 40) => $"""
        schema: 1
        name: tiny
        scenario: "{CommandRun.Scenario("quickstart")}"
        set:
          requests: {requests}
          warmup: 0s
          replications.count: 2
        points:
          {points ?? Grid}
        {more}
        """;

    internal static string[] UnitFiles(CommandRun cli, string folder) =>
    [
        .. cli.FilesOf(Path.Combine(folder, "units")).Select(f => Path.Combine(cli.In(folder), "units", f)),
    ];

    /// <summary>Asserts that two folders hold the same results, but for the unit files.</summary>
    internal static void SameResults(CommandRun cli, string expected, string actual)
    {
        string[] Files(string folder) => [.. cli.FilesOf(folder).Where(f => Path.HasExtension(f) && Known(f))];
        Assert.Equal(Files(expected), Files(actual));
        Assert.All(Files(expected), name => Assert.Equal(cli.Bytes(expected, name), cli.Bytes(actual, name)));
        Assert.Equal(
            UnitFiles(cli, expected).Select(Path.GetFileName), UnitFiles(cli, actual).Select(Path.GetFileName));
    }

    private static bool Known(string file) => Results.Contains(file);
}
