namespace ServingSim.Cluster.Routing;

/// <summary>Hears what a router hears of the requests on a replica: the answers pass through it.</summary>
internal interface IRequestWatcher
{
    /// <summary>The first token of a request passed.</summary>
    void FirstToken(ClientRequest request);

    /// <summary>A request ended, however it did.</summary>
    void Ended(ClientRequest request);

    /// <summary>
    /// Blocks are given back there that no unended request held, or nobody waits for room there any more.
    /// </summary>
    void Emptied()
    {
    }
}
