using ServingSim.Engine.Latency;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class HostedLatencyTests
{
    private static readonly HostOverhead Overhead = new(MsPerStep: 2, UsPerSequence: 30, UsPerRequest: 5);
    private static readonly AffineLatency Device = new(Step: 7, ContextToken: 3, ContextKnee: 1000);
    private static readonly HostedLatency Model = new(Device, Overhead);

    [Fact]
    public void The_host_works_for_each_step_each_scheduled_request_and_each_admitted_one()
    {
        PrefillChunk[] prefills = [new(3, 2), new(4, 0)];
        StepTime time = Model.TimeOf(new StepShape(prefills, 1, 5, 1, admissions: 2));

        Assert.Equal(SimTime.FromMilliseconds(2 + 0.09 + 0.01), time.Host);
        Assert.Equal(Device.TimeOf(new StepShape(prefills, 1, 5, 1)).Device, time.Device);
        Assert.Equal(SimTime.FromMilliseconds(2), new StepCase().TimeOf(Model).Host);
    }

    [Fact]
    public void The_line_of_decodes_is_the_models_own_raised_by_the_host()
    {
        DecodeLine line = Model.DecodeLine(10, 500)!.Value;

        Assert.Equal(new StepTime(SimTime.FromMilliseconds(2.3), new SimTime(7 + 1500)), line.Time);
        Assert.Equal((3, 1000), (line.TicksPerContextToken, line.LastContextTokens));
        Assert.Equal(new StepCase(10, 500, 10).TimeOf(Model), line.Time);
    }

    [Fact]
    public void A_model_without_a_line_stays_without_one() =>
        Assert.Null(((ILatencyModel)new HostedLatency(new NoLine(), Overhead)).DecodeLine(1, 1));

    [Fact]
    public void A_negative_overhead_is_a_problem() => Assert.Equal(
        [("UsPerSequence", "found -1, expected 0 or more")], new HostOverhead(UsPerSequence: -1).Problems());

    [Fact]
    public void A_replica_of_several_GPUs_broadcasts_each_step()
    {
        HostOverhead host = new(MsPerStep: 2, UsPerSequence: 30, BroadcastMs: 0.5, BroadcastUsPerSequence: 7);

        Assert.Equal(new HostOverhead(2, 30), host.For(1));
        Assert.Equal(new HostOverhead(2.5, 37), host.For(2));
        Assert.Equal(host.For(2), host.For(8));
    }

    private sealed class NoLine : ILatencyModel
    {
        public StepTime TimeOf(in StepShape shape) => new(SimTime.Zero, SimTime.OneTick);
    }
}
