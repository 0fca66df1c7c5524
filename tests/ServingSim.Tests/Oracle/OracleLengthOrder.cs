namespace ServingSim.Tests.Oracle;

/// <summary>The waiting queue of the policies by length, sorted anew for every newcomer.</summary>
internal static class OracleLengthOrder
{
    /// <summary>
    /// By length, then by arrival, then by number. A preempted request goes by what it was when it arrived.
    /// </summary>
    public static void Queue(List<OracleSequence> waiting, OracleSequence newcomer, OracleConfig config)
    {
        List<OracleSequence> all = [.. waiting, newcomer];
        IOrderedEnumerable<OracleSequence> sorted = config.Policy == OraclePolicy.ShortestFirst
            ? all.OrderBy(sequence => sequence.Request.LengthBy(config.Length))
            : all.OrderByDescending(sequence => sequence.Request.LengthBy(config.Length));
        waiting.Clear();
        waiting.AddRange(sorted.ThenBy(sequence => sequence.Request.Arrival).ThenBy(sequence => sequence.Id));
    }
}
