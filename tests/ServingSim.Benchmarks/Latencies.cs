using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>What a run that keeps no records reduces its requests to.</summary>
public sealed class Latencies
{
    /// <summary>Gaps between the tokens of a request.</summary>
    public LatencyHistogram Itl { get; } = new();

    /// <summary>From arrival to first token.</summary>
    public LatencyHistogram Ttft { get; } = new();

    /// <summary>From arrival to last token.</summary>
    public LatencyHistogram EndToEnd { get; } = new();

    /// <summary>Differs if any request's first or last token came at another time; any order gives the same.</summary>
    public ulong Checksum { get; private set; }

    /// <summary>Records a request that has finished.</summary>
    public void Finished(long request, SimTime arrival, SimTime firstToken, SimTime lastToken)
    {
        Ttft.Record(firstToken - arrival);
        EndToEnd.Record(lastToken - arrival);
        ulong odd = (2 * (ulong)request) + 1;
        Checksum += odd * (ulong)((3 * lastToken.Ticks) + firstToken.Ticks);
    }
}
