using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>What a router is made with.</summary>
/// <param name="Random">Chance, for routers that need it.</param>
public sealed record RouterContext(RandomStreams Random);
