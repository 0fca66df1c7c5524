using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>How a pool's number of replicas changes.</summary>
/// <param name="Autoscaler">What says how many.</param>
/// <param name="MinReplicas">At least so many, at least one.</param>
/// <param name="MaxReplicas">At most so many.</param>
/// <param name="ColdStart">From the decision until a new replica serves, with an empty cache.</param>
public sealed record ScalingSpec(IAutoscaler Autoscaler, int MinReplicas, int MaxReplicas, SimTime ColdStart);
