using CsCheck;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

/// <summary>The line that a model says its decode steps lie on is where they lie, tick for tick.</summary>
public sealed class DecodeLineTests
{
    private static readonly Gen<(int Decodes, long Context, long Further)> AnyBatch =
        from decodes in Gen.Int[1, 600]
        from each in Gen.Int[1, 20_000]
        from further in Gen.Long[0, 10_000_000]
        select (decodes, (long)decodes * each, further);

    [Fact]
    public void Constant_steps_lie_on_their_line() =>
        Gen.Select(Gen.Double[0, 10], AnyBatch).Sample((ms, batch) =>
            AssertOnLine(new ConstantLatency(new ConstantLatencyOptions(ms)), batch));

    [Fact]
    public void Linear_steps_lie_on_their_line() =>
        Gen.Select(Gen.Double[0, 10].Array[6], Gen.Int[2, 300], AnyBatch).Sample((c, knee, batch) =>
            AssertOnLine(
                new LinearLatency(new LinearLatencyOptions(
                    new LinearPrefill(1, 0.1),
                    [new LinearDecode(c[0], c[1] / 1e4, c[2]), new LinearDecode(c[3], c[4] / 1e4, c[5], knee)])),
                batch));

    [Fact]
    public void Two_regime_steps_lie_on_their_line() =>
        Gen.Select(Gen.Double[0, 10].Array[6], Gen.Int[2, 300], AnyBatch).Sample((c, knee, batch) =>
            AssertOnLine(
                new TwoRegimeLatency(new TwoRegimeOptions(
                    [new LinearDecode(c[0], c[1] / 1e4, c[2]), new LinearDecode(c[3], c[4] / 1e4, c[5], knee)],
                    new HingePrefill(1, 0.1))),
                batch));

    /// <summary>Between measured contexts, below and above them all.</summary>
    [Fact]
    public void Table_steps_lie_on_their_line()
    {
        TableLatency latency = new(
            TableLatencyTests.Tables, ConfigFile.Model("llama-3.1-8b"), ConfigFile.Gpu("h100-sxm"), new Parallelism());
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 600], Gen.Long[0, 100_000]).Sample((decodes, each, further) =>
            AssertOnLine(latency, (decodes, (long)decodes * each, further)), threads: 1);
    }

    /// <summary>Where the steeper line overtakes the other there is a knot.</summary>
    [Fact]
    public void Floored_steps_lie_on_their_line_on_both_sides_of_the_crossing()
    {
        int knots = 0;
        Gen.Select(Gen.Double[0, 10].Array[4], AnyBatch).Sample(
            (c, batch) =>
            {
                FlooredLatency latency = new(
                    Linear(new LinearDecode(c[0], c[1] / 1e4, 0)), Linear(new LinearDecode(c[2], c[3] / 1e4, 0)));
                AssertOnLine(latency, batch);
                knots += latency.DecodeLine(batch.Decodes, batch.Decodes)!.Value.LastContextTokens < long.MaxValue
                    ? 1
                    : 0;
            },
            threads: 1);
        Assert.True(knots > 0);

        static LinearLatency Linear(LinearDecode decode) => new(new LinearLatencyOptions(new(1, 1), [decode]));
    }

    [Theory]
    [InlineData("h100-sxm", "llama-3.1-8b", 1)]
    [InlineData("h200-sxm", "llama-3.1-70b", 8)]
    [InlineData("l40s", "llama-2-7b", 1)]
    [InlineData("b200-sxm", "mixtral-8x7b", 2)]
    public void Roofline_steps_lie_on_their_line(string gpu, string model, int tp)
    {
        RooflineLatency latency = new(
            new RooflineOptions(), ConfigFile.Model(model), ConfigFile.Gpu(gpu), new Parallelism(tp), default);
        AnyBatch.Sample(batch => AssertOnLine(latency, batch), threads: 1);
    }

    /// <summary>Where all contexts have outgrown a window, its layers take no longer: the line has a knot.</summary>
    [Fact]
    public void Roofline_steps_of_a_model_with_windows_lie_on_their_line_on_both_sides_of_the_knot()
    {
        ModelSpec model = ConfigFile.Model("llama-3.1-8b") with { SlidingWindow = new SlidingWindow(4096, 20) };
        RooflineLatency latency = new(
            new RooflineOptions(), model, ConfigFile.Gpu("h100-sxm"), new Parallelism(), default);
        AnyBatch.Sample(batch => AssertOnLine(latency, batch), threads: 1);
        Assert.Equal(4096 * 3, latency.DecodeLine(3, 4000 * 3)!.Value.LastContextTokens);
        Assert.Equal(long.MaxValue, latency.DecodeLine(3, 4096 * 3)!.Value.LastContextTokens);
    }

    /// <summary>Base and slope are rounded apart, on both sides of a window's knot.</summary>
    [Fact]
    public void Scaled_steps_lie_on_their_line()
    {
        ModelSpec model = ConfigFile.Model("llama-3.1-8b") with { SlidingWindow = new SlidingWindow(4096, 20) };
        RooflineLatency latency = new(
            new RooflineOptions(), model, ConfigFile.Gpu("h100-sxm"), new Parallelism(), default);
        Gen.Select(Gen.Int[1, 3_000_000], AnyBatch).Sample(
            (factor, batch) => AssertOnLine(new ScaledLatency(latency, factor), batch), threads: 1);
    }

    /// <summary>Slopes of a few ticks, where rounding counts most.</summary>
    [Fact]
    public void Scaled_steps_of_small_slope_lie_on_their_line() =>
        Gen.Select(Gen.Int[1, 3_000_000], Gen.Long[0, 9], Gen.Long[1, 10_000_000], AnyBatch).Sample(
            (factor, slope, knee, batch) => AssertOnLine(
                new ScaledLatency(new AffineLatency(Step: 1, ContextToken: slope, ContextKnee: knee), factor), batch));

    /// <summary>As they are used: fitted steps above a floor, scaled, and above the floor again.</summary>
    [Fact]
    public void Scaled_steps_above_a_floor_lie_on_their_line() =>
        Gen.Select(Gen.Double[0, 10].Array[4], Gen.Int[1, 3_000_000], AnyBatch).Sample((c, factor, batch) =>
        {
            LinearLatency floor = new(new LinearLatencyOptions(new(1, 1), [new(c[0], c[1] / 1e4, 0)]));
            LinearLatency fitted = new(new LinearLatencyOptions(new(1, 1), [new(c[2], c[3] / 1e4, 0)]));
            AssertOnLine(
                new FlooredLatency(new ScaledLatency(new FlooredLatency(fitted, floor), factor), floor), batch);
        });

    private static void AssertOnLine(ILatencyModel model, (int Decodes, long Context, long Further) batch)
    {
        DecodeLine line = model.DecodeLine(batch.Decodes, batch.Context)!.Value;
        foreach (long further in new[] { 0, 1, batch.Further, line.LastContextTokens - batch.Context })
        {
            if (further >= 0 && further <= Math.Min(line.LastContextTokens, 1L << 40) - batch.Context)
            {
                StepCase step = new(batch.Decodes, batch.Context + further, batch.Decodes);
                Assert.Equal(line.Time.Sum.Ticks + (further * line.TicksPerContextToken), step.TimeOf(model).Sum.Ticks);
            }
        }
    }
}
