namespace ServingSim.Experiments.Scenarios;

/// <summary>Everything that a scenario can name.</summary>
public interface ICatalog
{
    /// <summary>The kinds of parts, each with its own <see cref="IPartKind.ChoiceType"/>.</summary>
    IReadOnlyList<IPartKind> PartKinds { get; }

    /// <summary>The kinds of named files, each with its own record type.</summary>
    IReadOnlyList<FileKind> FileKinds { get; }

    /// <summary>The folders, absolute, in which the kinds' own folders are looked for, first come first.</summary>
    IReadOnlyList<string> ConfigFolders { get; }
}
