namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>
/// Options of an arrival process that searches can change: to more or fewer requests, or to stronger bursts.
/// </summary>
public interface IArrivalOptions
{
    /// <summary>
    /// The same process with so many times the arrivals per second, its gaps as variable as they were.
    /// </summary>
    IArrivalOptions Times(double factor);

    /// <summary>
    /// A process with the same rate and twice the variance of its gaps: of Gamma gaps, half the shape.
    /// </summary>
    IArrivalOptions Burstier();
}
