namespace ServingSim.Kernel;

/// <summary>Something that must always hold does not: a bug of ours. Never caught inside a run.</summary>
public sealed class InvariantException : Exception
{
    /// <summary>An exception that says which law is broken, with the numbers.</summary>
    public InvariantException(string message)
        : base(message)
    {
    }
}
