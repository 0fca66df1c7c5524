namespace ServingSim.Cluster;

/// <summary>How a client request ended.</summary>
public enum ClientOutcome
{
    /// <summary>All its tokens were generated.</summary>
    Completed,

    /// <summary>It was turned away; no replica began it.</summary>
    Refused,

    /// <summary>Its client gave up.</summary>
    Aborted,

    /// <summary>A failure took it.</summary>
    Lost,
}
