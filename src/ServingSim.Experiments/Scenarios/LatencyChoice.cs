using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Scenarios;

/// <summary>How long a pool's steps take: a latency model with its options, or a file that holds one.</summary>
/// <param name="Part">The latency model with its options.</param>
/// <param name="File">The file that it comes from; null where the scenario states it itself.</param>
public sealed record LatencyChoice(
    PartChoice<ILatencyModel, LatencyContext> Part, NamedFile<LatencyFile>? File = null)
{
    /// <summary>Where its numbers come from and how far they may be off, in one line.</summary>
    internal string Provenance => File?.Value.Provenance() ?? (new RooflineOptions().Equals(Part.Options)
        ? $"{Part.Name} from the data sheet, ±10-40 %"
        : $"{Part.Name} as the scenario states it, error not stated");
}
