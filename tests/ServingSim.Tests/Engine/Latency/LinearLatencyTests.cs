using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class LinearLatencyTests
{
    // DistServe's fit for OPT-13B on one A100-80G, in ms
    private static readonly LinearPrefill Prefill = new(18.10, 0.1019, 7.122e-6);
    private static readonly LinearDecode Small = new(19.93, 6.269e-4, 0.03851);
    private static readonly LinearDecode Large = new(7.166, 5.798e-4, 0.1583, FromDecodes: 95);
    private static readonly LinearLatency Opt13B = new(new LinearLatencyOptions(Prefill, [Small, Large]));

    [Fact]
    public void Opt_13B_prefills_512_tokens_in_72_ms() =>
        Assert.Equal(
            1_810_000_000L + (512L * 10_190_000) + (512 * 512 * 713),
            new StepCase(Prefills: new PrefillChunk(512, 0)).DeviceTicks(Opt13B));

    [Fact]
    public void Opt_13B_decodes_94_requests_before_the_break() =>
        Assert.Equal(
            1_993_000_000L + (10_000L * 62_690) + (94 * 3_851_000), new StepCase(94, 10_000).DeviceTicks(Opt13B));

    [Fact]
    public void Opt_13B_decodes_95_requests_from_the_break_on() =>
        Assert.Equal(
            716_600_000L + (10_000L * 57_980) + (95 * 15_830_000), new StepCase(95, 10_000).DeviceTicks(Opt13B));

    [Fact]
    public void A_mixed_step_takes_the_longer_base_once_and_both_variable_parts() =>
        Assert.Equal(
            1_993_000_000L + 62_690 + 3_851_000 + 10_190_000 + 713,
            new StepCase(1, 1, 0, new PrefillChunk(1, 0)).DeviceTicks(Opt13B));

    [Fact]
    public void Prompts_have_each_their_own_square() =>
        Assert.Equal(
            1_810_000_000L + (30L * 10_190_000) + ((100 + 400) * 713),
            new StepCase(0, 0, 0, new PrefillChunk(10, 0), new PrefillChunk(20, 0)).DeviceTicks(Opt13B));

    [Fact]
    public void An_empty_step_takes_one_tick_on_the_device_and_nothing_on_the_host()
    {
        Assert.Equal(1, new StepCase().DeviceTicks(Opt13B));
        Assert.Equal(0, new StepCase(94, 10_000).TimeOf(Opt13B).Host.Ticks);
    }

    [Fact]
    public void The_chunks_of_a_prompt_add_up_to_the_whole_prompt() =>
        Gen.Int[1, 3000].Array[1, 8].Sample(sizes =>
        {
            LinearLatency model = new(new LinearLatencyOptions(Prefill with { BaseMs = 0 }, [Small]));
            long sum = 0;
            int before = 0;
            foreach (int size in sizes)
            {
                sum += new StepCase(Prefills: new PrefillChunk(size, before)).DeviceTicks(model);
                before += size;
            }

            Assert.Equal(new StepCase(Prefills: new PrefillChunk(before, 0)).DeviceTicks(model), sum);
        });

    [Fact]
    public void No_count_that_grows_makes_a_step_shorter() =>
        StepCase.Random.Sample(step =>
        {
            LinearLatency model = new(new LinearLatencyOptions(Prefill, [Small]));
            Assert.All(step.Larger(), larger => Assert.True(larger.DeviceTicks(model) >= step.DeviceTicks(model)));
        });

    [Fact]
    public void Decode_entries_begin_at_1_and_rise()
    {
        LinearLatencyOptions options = new(Prefill, [Large, Small with { FromDecodes = 95 }]);

        Assert.Equal(
            [
                ("Decode", "expected a first entry with from_decodes: 1"),
                ("Decode", "expected from_decodes to rise from each entry to the next"),
            ],
            options.Problems());
        Assert.Single(new LinearLatencyOptions(Prefill, []).Problems());
        Assert.Empty(new LinearLatencyOptions(Prefill, [Small, Large]).Problems());
    }

    [Fact]
    public void Values_that_nobody_checked_are_a_bug_wherever_they_are()
    {
        LinearLatencyOptions good = new(Prefill, [Small, Large]);

        Assert.Throws<InvariantException>(() => new LinearLatency(good with { Decode = [] }));
        Assert.Throws<InvariantException>(
            () => new LinearLatency(good with { Prefill = Prefill with { BaseMs = -1 } }));
        Assert.Throws<InvariantException>(
            () => new LinearLatency(good with { Decode = [Small, Large with { MsPerDecode = double.NaN }] }));
    }
}
