namespace ServingSim.Experiments.Scenarios;

/// <summary>What a file says, the file being chosen by a name among the configs or by a path.</summary>
/// <param name="Name">The name: that of the file, without folder and extension.</param>
/// <param name="File">The file, where it was given by a path; null where by a name.</param>
/// <param name="Value">What it says.</param>
/// <typeparam name="T">The record that the file holds.</typeparam>
public sealed record NamedFile<T>(string Name, FilePath? File, T Value) : INamedFile
    where T : class
{
    object INamedFile.Value => Value;
}
