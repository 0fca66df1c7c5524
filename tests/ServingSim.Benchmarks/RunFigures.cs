namespace ServingSim.Benchmarks;

/// <summary>What a run counted.</summary>
/// <param name="Requests">Client requests that ended.</param>
/// <param name="Steps">Steps of all replicas.</param>
/// <param name="Events">Events that happened.</param>
/// <param name="Preemptions">Preemptions on all replicas.</param>
public readonly record struct RunFigures(long Requests, long Steps, long Events, long Preemptions)
{
    /// <summary>Prefill and decode tokens that steps computed; 0 where nobody counted.</summary>
    public long Tokens { get; init; }

    /// <summary>Gaps between tokens: how many, and their sum in ticks.</summary>
    public (long Count, Int128 Ticks) Gaps { get; init; }

    /// <summary>Of every request's first and last token; 0 where nobody counted.</summary>
    public ulong Checksum { get; init; }
}
