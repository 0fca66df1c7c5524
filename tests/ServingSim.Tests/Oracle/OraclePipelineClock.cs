using System.Numerics;

namespace ServingSim.Tests.Oracle;

/// <summary>A stage of a pipeline: its share of a step is so much, and so much more for each token.</summary>
internal readonly record struct OracleStage(long Fixed, long PerToken);

/// <summary>
/// A host and stages in a row, told by when each is next free. A step's time is cut where the stages' shares, summed
/// from the first, say.
/// </summary>
internal sealed class OraclePipelineClock(IReadOnlyList<OracleStage> stages)
{
    private readonly long[] _free = new long[stages.Count];

    public long HostFree { get; private set; }

    public int Stages => stages.Count;

    public void Pass(OracleStep step, long now)
    {
        HostFree = now + step.Host;
        long device = Math.Max(1, step.Duration - step.Host);
        long tokens = step.Scheduled.Sum(part => (long)part.Tokens);
        List<BigInteger> shares = [.. stages.Select(stage => (BigInteger)stage.Fixed + (stage.PerToken * tokens))];
        BigInteger all = shares.Aggregate(BigInteger.Add);
        long at = HostFree;
        for (int stage = 0; stage < shares.Count; stage++)
        {
            BigInteger before = shares.Take(stage).Aggregate(BigInteger.Zero, BigInteger.Add);
            long begins = (long)(device * before / all);
            long ends = (long)(device * (before + shares[stage]) / all);
            at = Math.Max(at, _free[stage]) + ends - begins;
            _free[stage] = at;
        }

        step.DeviceEnd = at;
    }

    public void StopAt(long now)
    {
        HostFree = now;
        Array.Fill(_free, now);
    }
}
