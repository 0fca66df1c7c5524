namespace ServingSim.Engine.Latency;

/// <summary>
/// Marks the options of a latency model that knows nothing of the host, so that its steps are too short without one.
/// Models without it are taken to state whole steps.
/// </summary>
public interface IDeviceLatencyOptions;
