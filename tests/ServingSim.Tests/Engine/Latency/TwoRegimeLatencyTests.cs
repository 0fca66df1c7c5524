using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class TwoRegimeLatencyTests
{
    private static readonly TwoRegimeLatency Model = new(new TwoRegimeOptions(
        [new LinearDecode(5, 0.001, 0.1), new LinearDecode(2, 0.002, 0.2, FromDecodes: 100)],
        new HingePrefill(
            WeightsMs: 6, MsPerToken: 0.02, MsPerPair: 0.0001, MsPerContextToken: 0.0005, MsPerDecode: 0.03,
            BaseMs: 1.5)));

    [Theory]
    [InlineData(1, 100, 5.2)]
    [InlineData(99, 1000, 5 + 1 + 9.9)]
    [InlineData(100, 1000, 2 + 2 + 20)]
    public void Decodes_alone_take_an_affine_time_by_their_number(int decodes, long context, double ms) =>
        AssertMs(ms, new StepCase(decodes, context, decodes));

    [Fact]
    public void Few_tokens_stream_the_weights_and_many_compute()
    {
        AssertMs(6 + 0.0001 * 55 + 1.5, new StepCase(Prefills: new PrefillChunk(10, 0)));
        AssertMs((0.02 * 1000) + (0.0001 * 500_500) + 1.5, new StepCase(Prefills: new PrefillChunk(1000, 0)));
    }

    [Fact]
    public void A_mixed_step_pays_for_all_tokens_for_contexts_and_for_each_decode()
    {
        StepCase step = new(10, 5000, 11, new PrefillChunk(400, 100), new PrefillChunk(90, 0));

        double pairs = (400 * 100) + (400 * 401 / 2) + (90 * 91 / 2);
        AssertMs((0.02 * 500) + (0.0001 * pairs) + (0.0005 * 5000) + (0.03 * 10) + 1.5, step);
    }

    [Fact]
    public void Prefill_never_makes_a_step_shorter_nor_does_more_of_anything() =>
        StepCase.Random.Sample(step =>
        {
            long ticks = step.DeviceTicks(Model);
            Assert.True(ticks >= (step with { Prefills = [] }).DeviceTicks(Model));
            if (step.Prefills.Length > 0)
            {
                Assert.All(
                    step.Larger().Where(larger => larger.Decodes is < 99 or > 100),
                    larger => Assert.True(larger.DeviceTicks(Model) >= ticks));
            }
        });

    [Fact]
    public void A_step_of_nothing_takes_a_tick() => Assert.Equal(1, new StepCase().DeviceTicks(Model));

    [Fact]
    public void Breaks_that_do_not_rise_are_problems() => Assert.Equal(
        [
            ("Decode", "expected a first entry with from_decodes: 1"),
            ("Decode", "expected from_decodes to rise from each entry to the next"),
        ],
        new TwoRegimeOptions([new(1, 1, 1, 5), new(1, 1, 1, 5)], new HingePrefill(1, 1)).Problems());

    private static void AssertMs(double ms, StepCase step) => Assert.Equal(
        ms, new SimTime(step.DeviceTicks(Model)).TotalMilliseconds, 1e-6);
}
