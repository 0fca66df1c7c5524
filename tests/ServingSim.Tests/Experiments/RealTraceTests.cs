using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>Real traces through the scenarios that play them, every row accounted for, every law checked.</summary>
public sealed class RealTraceTests : IDisposable
{
    private const string Azure = "traces/azure_2023_code.csv.gz";
    private const string Mooncake = "traces/mooncake_conversation_trace.jsonl.gz";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-traces-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SharedDataFact(Azure)]
    public void An_hour_of_code_completion_is_played_whole()
    {
        Summary summary = Run("azure-code.yaml", Azure);
        Assert.Equal((8_819, 0, 8_819), (summary.Trace!.RowsRead, summary.Trace.Failed, summary.Trace.Given));
        Assert.Equal((8_819, 18_059_974), (summary.Overall.Counts.Completed, summary.Overall.TotalInputTokens));
        Assert.Equal(8_819, summary.ByLabel["service"]["code"].Counts.Completed);
        Assert.Equal(0, summary.Overall.PrefixCacheHits);
    }

    [SharedDataFact(Mooncake)]
    public void Conversations_find_more_where_the_router_knows_their_blocks()
    {
        Summary aware = Run("mooncake-conversation.yaml", Mooncake, "requests=2000");
        Summary blind = Run(
            "mooncake-conversation.yaml", Mooncake, "requests=2000", "cluster.router=least-outstanding");
        Assert.Equal((2_000, 2_000), (aware.Overall.Counts.Completed, blind.Overall.Counts.Completed));
        Assert.Equal(aware.Overall.PrefixCacheQueries, blind.Overall.PrefixCacheQueries);
        Assert.True(aware.Overall.PrefixCacheHits > 2 * blind.Overall.PrefixCacheHits);
        Assert.True(aware.Overall.Ttft!.P50Ms < blind.Overall.Ttft!.P50Ms);
    }

    private Summary Run(string scenario, string trace, params string[] settings) => ScenarioRunner.Run(
        LoadedScenario.Read(
            Path.Combine(SharedData.Root, "configs", "scenarios", scenario),
            [$"workload.source.path={SharedData.Find(trace)}", .. settings],
            Catalog.Default),
        new RunOptions(_folder.FullName) { Audit = true }).Summary;
}
