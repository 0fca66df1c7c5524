namespace ServingSim.Benchmarks;

/// <summary>What a run counted.</summary>
/// <param name="Requests">Client requests that ended.</param>
/// <param name="Steps">Steps of all replicas.</param>
/// <param name="Events">Events that happened.</param>
/// <param name="Preemptions">Preemptions on all replicas.</param>
public readonly record struct RunFigures(long Requests, long Steps, long Events, long Preemptions);
