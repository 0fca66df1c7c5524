namespace ServingSim.Tests.Oracle;

/// <summary>The waiting queue of every policy.</summary>
internal static class OracleQueue
{
    /// <summary>A request has arrived.</summary>
    public static void Add(List<OracleSequence> waiting, OracleSequence sequence, OracleConfig config) =>
        Insert(waiting, waiting.Count, sequence, config);

    /// <summary>
    /// A request has been preempted, or its KV will not come. Since 2026-03-10 those set aside for their KV come before
    /// it (skipped_waiting).
    /// </summary>
    public static void PutBack(List<OracleSequence> waiting, OracleSequence sequence, OracleConfig config)
    {
        sequence.IsPutBack = true;
        bool late = config.Profile == OracleProfile.VllmV1Late;
        int place = late ? waiting.TakeWhile(s => s.Kv is OracleRemoteKv.OnItsWay or OracleRemoteKv.Landed).Count() : 0;
        Insert(waiting, place, sequence, config);
    }

    private static void Insert(List<OracleSequence> waiting, int place, OracleSequence sequence, OracleConfig config)
    {
        if (config.Policy == OraclePolicy.Fcfs)
        {
            waiting.Insert(place, sequence);
        }
        else if (config.Policy == OraclePolicy.Priority)
        {
            OraclePriorityOrder.Queue(waiting, sequence);
        }
        else
        {
            OracleLengthOrder.Queue(waiting, sequence, config);
        }
    }
}
