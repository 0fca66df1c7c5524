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

    /// <summary>
    /// How fast and how slow its steps may really be: what the file's residuals say, or what is known of the roofline.
    /// Numbers that the scenario states itself are taken at their word.
    /// </summary>
    internal LatencyBand Band => File?.Value.Residuals is { } residuals ? LatencyBand.Of(residuals)
        : Part.Options is RooflineOptions ? LatencyBand.OfRoofline
        : LatencyBand.None;

    /// <summary>A factor of the device time of all steps, in parts per million; no key of a scenario.</summary>
    internal int DevicePartsPerMillion { get; init; } = ScaledLatency.Unscaled;
}
