namespace ServingSim.Experiments.Scenarios;

/// <summary>A kind of file that scenarios refer to by name, such as GPUs.</summary>
/// <param name="RecordType">The record that such a file holds.</param>
/// <param name="Folder">Its folder among the configs, such as "gpus".</param>
public sealed record FileKind(Type RecordType, string Folder)
{
    /// <summary>
    /// Turns a file in a foreign format into the record's own keys, or into null with the errors added, and leaves any
    /// other as it is; null where there is no foreign format.
    /// </summary>
    internal Func<ConfigNode, ErrorList, ConfigNode?>? Translate { get; init; }
}
