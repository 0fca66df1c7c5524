namespace ServingSim.Experiments.Scenarios;

/// <summary>One key of a mapping and its value.</summary>
/// <param name="Key">The key as written.</param>
/// <param name="Origin">Where the key was written.</param>
/// <param name="Value">Its value.</param>
public sealed record ConfigEntry(string Key, ConfigOrigin Origin, ConfigNode Value);
