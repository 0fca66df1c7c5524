namespace ServingSim.Cluster.Routing;

/// <summary>Hears what a router hears of the requests on a replica: the answers pass through it.</summary>
internal interface IRequestWatcher
{
    /// <summary>The first token of a request passed.</summary>
    void FirstToken(ClientRequest request);

    /// <summary>A request ended, however it did.</summary>
    void Ended(ClientRequest request);
}
