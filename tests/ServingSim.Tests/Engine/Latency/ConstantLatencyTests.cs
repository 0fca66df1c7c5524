using ServingSim.Engine.Latency;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class ConstantLatencyTests
{
    [Fact]
    public void Every_step_takes_the_time_that_was_written()
    {
        ConstantLatency model = new(new ConstantLatencyOptions(StepMs: 18.1));

        Assert.Equal(
            new StepTime(SimTime.Zero, new SimTime(1_810_000_000)), new StepCase(Decodes: 1, Context: 1).TimeOf(model));
        Assert.Equal(1_810_000_000, new StepCase(3, 90, 3, new PrefillChunk(500, 0)).DeviceTicks(model));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1e-8, 1)]
    [InlineData(1.1e-8, 2)]
    public void A_step_takes_whole_ticks_rounded_up_and_one_at_least(double ms, long ticks) =>
        Assert.Equal(
            ticks,
            new StepCase(Decodes: 1, Context: 1).DeviceTicks(new ConstantLatency(new ConstantLatencyOptions(ms))));

    [Fact]
    public void A_step_that_computes_nothing_takes_a_tick() =>
        Assert.Equal(1, new StepCase().DeviceTicks(new ConstantLatency(new ConstantLatencyOptions(18.1))));

    [Fact]
    public void A_negative_time_is_a_problem()
    {
        ConstantLatencyOptions options = new(-1);

        Assert.Equal(("StepMs", "found -1, expected 0 or more"), Assert.Single(options.Problems()));
        Assert.Throws<InvariantException>(() => new ConstantLatency(options));
    }
}
