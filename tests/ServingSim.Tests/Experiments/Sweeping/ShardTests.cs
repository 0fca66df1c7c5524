using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;
using Xunit;

namespace ServingSim.Tests.Experiments.Sweeping;

public sealed class ShardTests
{
    private static Shard Parse(string? shard, int? count, params string[] variables) => Shard.Parse(
        shard, count,
        name => variables.Select(v => v.Split('=')).FirstOrDefault(v => v[0] == name)?[1]);

    [Fact]
    public void A_shard_is_told_by_a_person_or_by_an_engine()
    {
        Assert.Equal(new Shard(2, 3), Parse("2/3", null));
        Assert.Equal(new Shard(0, 3), Parse("0/3", 3, "SLURM_ARRAY_TASK_ID=1"));
        Assert.Equal(new Shard(1, 3), Parse(null, 3, "SLURM_ARRAY_TASK_ID=1"));
        Assert.Equal(new Shard(1, 3), Parse(null, 3, "JOB_COMPLETION_INDEX=1"));
        Assert.Equal(new Shard(0, 3), Parse(null, 3, "PARALLEL_SEQ=1"));
    }

    [Fact]
    public void Shards_hold_each_unit_once() => Assert.All(
        Enumerable.Range(0, 20), unit => Assert.Single(Enumerable.Range(0, 3), i => new Shard(i, 3).Holds(unit)));

    [Theory]
    [InlineData("3/3", null, "--shard 3/3: the shard's index is out of range: expected 0 to 2, of 3 shards")]
    [InlineData("-1/3", null, "--shard -1/3: the shard's index is out of range: expected 0 to 2, of 3 shards")]
    [InlineData("1", null, "--shard 1: expected index/count, such as 0/8 for the first of eight")]
    [InlineData("0/0", null, "--shard 0/0: expected index/count, such as 0/8 for the first of eight")]
    [InlineData("0/3", 4, "--shard 0/3: expected index/count, such as 0/8 for the first of eight")]
    [InlineData(null, null, "--shard: missing, expected index/count, or --shards where an engine tells the index")]
    [InlineData(null, 3, "--shard: missing, and none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and PARALLEL_SEQ "
        + "is set; expected one")]
    [InlineData(null, 3, "SLURM_ARRAY_TASK_ID=3: the shard's index is out of range: expected 0 to 2, of 3 shards",
        "SLURM_ARRAY_TASK_ID=3")]
    [InlineData(null, 3, "PARALLEL_SEQ=0: the shard's index is out of range: expected 1 to 3, of 3 shards",
        "PARALLEL_SEQ=0")]
    [InlineData(null, 3, "--shard: missing, but SLURM_ARRAY_TASK_ID and PARALLEL_SEQ are set; expected one of them",
        "PARALLEL_SEQ=1", "SLURM_ARRAY_TASK_ID=1")]
    public void What_is_no_shard_is_told(string? shard, int? count, string message, params string[] variables) =>
        Assert.Equal(message, Assert.Throws<ScenarioException>(() => Parse(shard, count, variables)).Message);
}
