namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>A file of a published release, which never changes.</summary>
/// <param name="Name">Its name, also on this machine.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The SHA-256 of its content, in lower-case hex; null where it is not known.</param>
public sealed record ReleaseFile(string Name, Uri Address, long Bytes, string? Sha256);
