using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>When the host and the stages of a pipeline are free.</summary>
internal sealed class PipelineClock(int stages, ILatencyModel latency, IStageShares shares)
{
    private readonly SimTime[] _free = new SimTime[stages];
    private readonly long[] _shares = new long[stages];

    /// <summary>How long the steps that are planned from now on take, on all stages together.</summary>
    internal ILatencyModel Latency { get; set; } = latency;

    /// <summary>When the host's time for the last plan is over.</summary>
    internal SimTime HostFree { get; private set; }

    /// <summary>
    /// A step that is planned now passes host and stages, behind those before it; when it leaves the last one.
    /// </summary>
    internal SimTime Pass(StepPlan plan, SimTime now)
    {
        StepTime time = Latency.TimeOf(plan.Shape);
        plan.Device = SimTime.Later(time.Device, SimTime.OneTick);
        HostFree = now + time.Host;
        shares.Of(plan.Shape, _shares);
        Int128 all = 0;
        foreach (long share in _shares)
        {
            all += share;
        }

        SimTime at = HostFree;
        Int128 sum = 0;
        SimTime passed = SimTime.Zero;
        for (int stage = 0; stage < stages; stage++)
        {
            // What the stages before and this one take together, rounded down: nothing is lost from stage to stage
            sum += _shares[stage];
            SimTime until = new((long)(plan.Device.Ticks * sum / all));
            at = SimTime.Later(at, _free[stage]) + (until - passed);
            (_free[stage], passed) = (at, until);
        }

        return at;
    }

    /// <summary>Whatever was in flight came to nothing.</summary>
    internal void StopAt(SimTime now)
    {
        HostFree = now;
        Array.Fill(_free, now);
    }
}
