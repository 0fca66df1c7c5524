namespace ServingSim.Experiments.Scenarios;

/// <summary>Where a key or a value was written.</summary>
/// <param name="Source">The file as shown to the user, or <c>--set path=value</c>.</param>
/// <param name="Folder">The folder, absolute, to which paths written there are relative.</param>
/// <param name="Line">The line, from 1; 0 where there are none, as in <c>--set</c>.</param>
/// <param name="Column">The column, from 1; 0 where there are none.</param>
public readonly record struct ConfigOrigin(string Source, string Folder, int Line, int Column)
{
    /// <summary>"file:line", or the source alone where there are no lines.</summary>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}";
}
