namespace ServingSim.Kernel;

/// <summary>A time beyond what <see cref="SimTime"/> can tell, 2.9 years from its zero.</summary>
public sealed class ClockRangeException : OverflowException
{
    /// <summary>An exception that says which sum, product or conversion left the range.</summary>
    public ClockRangeException(string message)
        : base(message)
    {
    }
}
