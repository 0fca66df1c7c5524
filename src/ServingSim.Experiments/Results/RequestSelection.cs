using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>Which requests requests.csv has a row for.</summary>
public enum RequestRows
{
    /// <summary>Every request; percentiles of their latencies are exact.</summary>
    All,

    /// <summary>One in so many; percentiles come from a sketch of all requests.</summary>
    Sample,

    /// <summary>None, and there is no file; percentiles come from a sketch of all requests.</summary>
    None,
}

/// <summary>
/// Which requests get a row in requests.csv. A sample is chosen by hash of the client's number alone, so that runs of
/// the same workload sample the same requests.
/// </summary>
/// <param name="Rows">All, a sample, or none.</param>
/// <param name="SampleEvery">One in so many, on average, is in a sample.</param>
public sealed record RequestSelection(RequestRows Rows, int SampleEvery)
{
    private const ulong SampleSeed = 1;

    /// <summary>Every request.</summary>
    public static RequestSelection All { get; } = new(RequestRows.All, 1);

    /// <summary>
    /// The relative error of percentiles of TTFT, TPOT and end-to-end latency; null where they are exact.
    /// </summary>
    public double? PercentileRelativeError => Rows == RequestRows.All ? null : LatencyHistogram.RelativeError;

    /// <summary>Whether the request of this number gets a row.</summary>
    public bool Includes(long clientId) => Rows switch
    {
        RequestRows.All => true,
        RequestRows.Sample => Mixing.Combine(SampleSeed, (ulong)clientId) % (ulong)SampleEvery == 0,
        _ => false,
    };
}
