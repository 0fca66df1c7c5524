using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>Draws how long after the start of a session's turn its next one starts, at the earliest.</summary>
public interface IGaps
{
    /// <summary>A span of time, 0 or more.</summary>
    SimTime Draw(ref Draws draws);
}
