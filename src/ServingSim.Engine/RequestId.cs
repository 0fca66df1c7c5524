namespace ServingSim.Engine;

/// <summary>Names one attempt of one client request.</summary>
/// <param name="Client">The client request's number, given by the workload.</param>
/// <param name="Attempt">0 for the first try, then the retry's number.</param>
public readonly record struct RequestId(long Client, int Attempt)
{
    /// <summary>"17", or "17.1" for the first retry.</summary>
    public override string ToString() => Attempt == 0 ? $"{Client}" : $"{Client}.{Attempt}";
}
