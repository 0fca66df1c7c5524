using System.ComponentModel.DataAnnotations;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Modelling;

/// <summary>
/// A workload without what serves it, as <c>workload fit</c> writes it: a scenario can include the file.
/// </summary>
/// <param name="Workload">What comes in.</param>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Seed">The seed of all draws.</param>
/// <param name="Duration">Requests arrive before this time.</param>
/// <param name="Requests">At most so many requests.</param>
public sealed record WorkloadFile(
    WorkloadSection Workload, [property: AllowedValues(1)] int Schema = 1, long Seed = 1, SimTime? Duration = null,
    long? Requests = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != 1)
        {
            yield return (nameof(Schema), $"found {Schema}, expected 1");
        }

        if (Duration <= SimTime.Zero)
        {
            yield return (nameof(Duration), $"found {Duration}, expected more than 0s");
        }

        if (Requests < 1)
        {
            yield return (nameof(Requests), $"found {Requests}, expected at least 1");
        }
    }

    /// <summary>Reads a file, settings laid over it; throws <see cref="ScenarioException"/>.</summary>
    public static WorkloadFile Read(string file, IReadOnlyList<string> settings, Catalog catalog) =>
        ScenarioFile.Read<WorkloadFile>(file, settings, catalog);
}
