using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>One replication of one fleet under one load.</summary>
/// <param name="Run">Its figures and its queue; null where it could not run.</param>
/// <param name="Pressure">What the replicas were busy with; null where it could not run.</param>
/// <param name="Problem">Why it could not run, as that every request is too long for it; null where it ran.</param>
public sealed record Trial(Replication? Run, Pressure? Pressure, string? Problem)
{
    /// <summary>A figure by its name; null if undefined.</summary>
    public double? Figure(string name) => Run?.Figures[name];

    /// <summary>Runs a replication.</summary>
    internal static Trial Of(LoadedScenario scenario, int replication, CancellationToken cancellation)
    {
        try
        {
            RunResult run = Replications.RunOf(scenario, replication, cancellation);
            return new Trial(Replication.Of(run), Pressure.Of(scenario, run), null);
        }
        catch (ScenarioException e)
        {
            return new Trial(null, null, e.Errors[0].Message);
        }
    }
}
