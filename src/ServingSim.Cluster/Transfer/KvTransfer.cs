using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>Bytes on their way from one port of a <see cref="KvNetwork"/> to another.</summary>
public sealed class KvTransfer
{
    internal KvTransfer(KvPort from, KvPort to, long bytes, Action done) =>
        (From, To, Bytes, Left, Done) = (from, to, bytes, (Int128)bytes * SimTime.TicksPerSecond, done);

    /// <summary>How many bytes are moved.</summary>
    public long Bytes { get; }

    internal KvPort From { get; }

    internal KvPort To { get; }

    internal Action Done { get; }

    /// <summary>What was left when its rate last changed, in byte × tick / s.</summary>
    internal Int128 Left { get; private set; }

    /// <summary>Its share of the bandwidth, in bytes a second.</summary>
    internal long Rate { get; private set; }

    /// <summary>When it got that share.</summary>
    internal SimTime Since { get; private set; }

    internal bool IsCancelled { get; set; }

    /// <summary>Whether its rate is settled in the sharing that is being made.</summary>
    internal bool IsShared { get; set; }

    /// <summary>When it will have moved everything; null as long as nothing moves.</summary>
    internal SimTime? End => Left <= 0 ? Since
        : Rate == 0 ? null
        : Since + new SimTime((long)Int128.Min((Left + Rate - 1) / Rate, (SimTime.Max - Since).Ticks));

    /// <summary>Gives it another share from now on.</summary>
    internal void ChangeRate(SimTime now, long rate)
    {
        Left -= (Int128)Rate * (now - Since).Ticks;
        (Rate, Since) = (rate, now);
    }
}
