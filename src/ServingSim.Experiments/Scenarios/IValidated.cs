namespace ServingSim.Experiments.Scenarios;

/// <summary>A record of options that checks what its types cannot say, such as ranges.</summary>
public interface IValidated
{
    /// <summary>
    /// What is wrong with these values: the constructor's parameter that is to blame (null for several together), and
    /// the problem in words, such as "found 0, expected at least 1".
    /// </summary>
    IEnumerable<(string? Parameter, string Problem)> Problems();
}
