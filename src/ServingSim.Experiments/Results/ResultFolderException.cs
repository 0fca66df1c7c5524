namespace ServingSim.Experiments.Results;

/// <summary>The folder that the user named for results cannot be written; the message says why.</summary>
public sealed class ResultFolderException : Exception
{
    /// <summary>An exception that names the folder and the reason.</summary>
    public ResultFolderException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
