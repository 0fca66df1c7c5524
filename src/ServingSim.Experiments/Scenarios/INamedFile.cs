namespace ServingSim.Experiments.Scenarios;

/// <summary>A <see cref="NamedFile{T}"/>, whatever it holds.</summary>
internal interface INamedFile
{
    string Name { get; }

    FilePath? File { get; }

    object Value { get; }
}
