using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Cluster.Clients;

/// <summary>
/// retry-storm.yaml: two of four GPUs are slow from 5 to 7 min. Of what arrives in a stretch of time, the share that is
/// answered within its SLO tells whether the fleet is well.
/// </summary>
public sealed class RetryStormTests
{
    [Fact]
    public void With_retries_the_storm_goes_on_long_after_its_cause_is_gone()
    {
        double[] shares = GoodShares("seed=1");
        Assert.True(shares[0] > 0.95, $"{shares[0]} before");
        Assert.True(shares[1] < 0.05, $"{shares[1]} five minutes after it is gone");
    }

    [Fact]
    public void Without_retries_the_fleet_is_well_again_soon_after()
    {
        double[] shares = GoodShares("clients.retries=~");
        Assert.True(shares[0] > 0.95, $"{shares[0]} before");
        Assert.True(shares[1] > 0.95, $"{shares[1]} five minutes after it is gone");
    }

    /// <summary>Of what arrives from minute 1 to 5, and from minute 12 to 14.</summary>
    private static double[] GoodShares(string setting)
    {
        LoadedScenario loaded = LoadedScenario.Read(
            CommandRun.Scenario("retry-storm"), ["duration=14m", setting], Catalog.Default);
        List<RequestRecord> records = [];
        ScenarioRunner.Run(loaded, new RunOptions(Folder: null) { Ended = records.Add });
        return
        [
            .. new[] { (From: 60, To: 300), (From: 720, To: 840) }.Select(stretch => records
                .Where(r => r.ArrivalS >= stretch.From && r.ArrivalS < stretch.To)
                .Average(r => r.SloMet == true ? 1.0 : 0)),
        ];
    }
}
