namespace ServingSim.Kernel;

/// <summary>Options or facts that a user wrote, and that check what their types cannot say, such as ranges.</summary>
public interface IValidated
{
    /// <summary>
    /// What is wrong with these values: the constructor's parameter that is to blame (null for several together), or
    /// the keys that lead to a value deeper within ("cluster.router"), and the problem in words, such as "found 0,
    /// expected at least 1". Empty for values that can be used.
    /// </summary>
    IEnumerable<(string? Parameter, string Problem)> Problems();
}
