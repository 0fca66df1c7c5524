namespace ServingSim.Tests.Oracle;

/// <summary>The order of policy priority: by priority, then by time, then by the id as text.</summary>
internal static class OraclePriorityOrder
{
    /// <summary>Queues a request before the first that is less urgent.</summary>
    public static void Queue(List<OracleSequence> waiting, OracleSequence sequence)
    {
        int place = 0;
        while (place < waiting.Count && Compare(waiting[place], sequence) <= 0)
        {
            place++;
        }

        waiting.Insert(place, sequence);
    }

    /// <summary>Lower is more urgent.</summary>
    public static (int Priority, long Time) Urgency(OracleSequence sequence) =>
        (sequence.Request.Priority, sequence.Request.RankTime ?? sequence.Request.Arrival);

    private static int Compare(OracleSequence left, OracleSequence right)
    {
        int byUrgency = Urgency(left).CompareTo(Urgency(right));
        return byUrgency != 0 ? byUrgency : string.CompareOrdinal(TieKey(left), TieKey(right));
    }

    private static string TieKey(OracleSequence sequence) => sequence.Request.TieKey ?? $"r{sequence.Id}";
}
