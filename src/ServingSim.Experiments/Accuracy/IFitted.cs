namespace ServingSim.Experiments.Accuracy;

/// <summary>A latency model's options, or a file that they name, that tell which measurements were used to fit it.</summary>
public interface IFitted
{
    /// <summary>The files whose rows it was fitted on.</summary>
    IReadOnlyList<FittedOn> FittedOn { get; }

    /// <summary>The names of measured runs that were used otherwise: their means, for instance.</summary>
    IReadOnlyList<string> Covers { get; }
}

/// <summary>Rows that a model was fitted on.</summary>
/// <param name="File">The file's name, for messages.</param>
/// <param name="Sha256">The SHA-256 of its bytes as they are stored.</param>
/// <param name="RowHashes">
/// The first 12 hexadecimal digits of the SHA-256 of each line that was used; empty where the whole file was.
/// </param>
public sealed record FittedOn(string File, string Sha256, IReadOnlyList<string> RowHashes);
